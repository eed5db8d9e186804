/** Agreements of the invented city, so that every tier can be looked at. A real one has a review within a year or two. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const common = (name: string, purpose: string, tier: string) => `name: ${name}
parties: [Council of an invented city, Hospital of an invented city, Police of an invented city]
purpose: ${purpose}
lawful_basis: Public task; the city is invented and nobody is in its records
tier: ${tier}
sources: [ed, miu, police]
cuts: [month, place, weapon, place_kind, night_band, located]
formats: [csv, pdf]
in_force_from: 2023-01-01
review_due: 2999-12-31
expires: 2999-12-31
notice: Of an invented city
unencrypted: true
`;

const AGREEMENTS = {
  analysts: common(
    'Analysts of the board',
    'To find where, when and how violence happens in public',
    'analyst',
  ),
  tasking: `${common('Neighbourhood policing', 'To decide where officers are on weekend nights', 'operational')}operational:
  dpia: Assessment 1 of an invented city
  legal_basis: Prevention of crime
  no_reidentification: true
  contact: Data steward of the board
  use_as_evidence: Never used for or against anybody
`,
};

/** Writes agreements/analysts.yaml and agreements/tasking.yaml of an invented city. */
export async function writeInventedAgreements(folder: string): Promise<void> {
  await mkdir(join(folder, 'agreements'), { recursive: true });
  for (const [partner, text] of Object.entries(AGREEMENTS))
    await writeFile(join(folder, 'agreements', `${partner}.yaml`), `partner: ${partner}\n${text}`, {
      mode: 0o600,
    });
}

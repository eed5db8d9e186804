/** The door of a source: what its records are read and depersonalised by, whichever way they come. */
import { BATCH_ROWS } from '../ingest/csv.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { type Door, openDoor } from '../transform/door.ts';
import type { Partnership } from './partnership.ts';
import { countsSexualOffences, profileOf } from './source-profile.ts';

export interface DoorOptions {
  /** Cells of the agreed area; points beyond them are counted. */
  readonly agreed?: ReadonlySet<bigint> | undefined;
  /** True where records come in portions of any size, as messages do. */
  readonly inPortions?: boolean;
}

/** Opens the door of a source for batches of up to BATCH_ROWS rows. */
export function openSourceDoor(
  partnership: Partnership,
  source: SourceSettings,
  { agreed, inPortions = false }: DoorOptions = {},
): Door {
  const profile = profileOf(source, partnership);
  const { key, places, wider } = partnership;
  // Points that are snapped before they are published repeat as they must. What comes in portions is not judged by its
  // repetitions: how much came together says nothing, and must not decide what is stored.
  const mayRepeat = inPortions || profile.kind === 'police.uk';
  return openDoor(
    {
      source: source.id,
      profile,
      key,
      places,
      wider,
      sites: source.sites,
      sexualOffences: countsSexualOffences(partnership.settings),
      ownPoints: source.own_points,
      repeatedShare: mayRepeat ? 1 : source.repeated_share,
      agreed,
      today: partnership.today(),
    },
    BATCH_ROWS,
  );
}

import type { City } from './city.ts';
import type { Incident } from './incidents.ts';
import { type Crowd, inventPerson, nhsNumbers, type Person } from './person.ts';
import { seedRandom } from './random.ts';

// Of the injured, how many have been injured before in these months: some people come again.
const REPEATS = 0.06;

/** Who was injured in each incident, in the order of the incidents; the same person may be in several. */
export function inventVictims(city: City, seed: number, incidents: readonly Incident[]): Person[][] {
  const random = seedRandom(seed, 'victims');
  const nextNumber = nhsNumbers();
  const before: Person[] = [];
  return incidents.map((incident) => {
    const crowd: Crowd =
      incident.place < 0 ? 'home' : city.places[incident.place]?.kind === 'school' ? 'pupils' : 'anyone';
    const injured: Person[] = [];
    while (injured.length < incident.injured) {
      const again = before.length > 50 && crowd === 'anyone' && random() < REPEATS;
      const known = again ? before[Math.floor(random() * before.length)] : undefined;
      if (known !== undefined && injured.includes(known)) continue;
      injured.push(known ?? inventPerson(random, nextNumber(), crowd, incident.minute));
      if (known === undefined) before.push(injured.at(-1) as Person);
    }
    return injured;
  });
}

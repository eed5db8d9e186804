/** Which businesses of a food-hygiene register are public places, and of what kind. */
import type { Place } from '../../schemas/gazetteer.ts';

const KINDS: Readonly<Record<string, Place['kind']>> = {
  'Pub/bar/nightclub': 'licensed',
  'Hotel/bed & breakfast/guest house': 'licensed',
  'Restaurant/Cafe/Canteen': 'public',
  'Takeaway/sandwich shop': 'shop',
  'Retailers - other': 'shop',
  'Retailers - supermarkets/hypermarkets': 'shop',
  'School/college/university': 'school',
};
/** Types that mix public places with kitchens at home and with places where people live; a name must tell. */
const MIXED = new Set(['Other catering premises', 'Hospitals/Childcare/Caring Premises']);

const PUBLIC_NAME =
  /\b(?:hospital|infirmary|clinic|surgery|health centre|stadium|arena|theatre|cinema|museum|library|leisure|sports?|rugby|football|cricket|golf|bowls|bowling|bingo|casino|church|chapel|mosque|temple|institute|legion|club|hall|community centre|youth|station|airport|college|university|park|castle|centre|lounge|bar|casino|arms|inn|hotel|tavern|restaurant|cafe)\b/i;
/** Where people live, or may: never a public place, whatever the type. */
const DWELLING_NAME =
  /\b(?:care home|residential|nursing home|nursing|rest home|retirement|sheltered|extra care|supported|hostel|refuge|hospice|halls? of residence|student (?:village|living|halls?|accommodation)|homecare|care centre|respite|flats?|apartments?|cartref|cottage care|childmind\w*|nursery|day care|daycare|au pair)\b|^(?:mr|mrs|miss|ms|dr) /i;

/** The kind of place that a business is; undefined where it is none that the public goes to, or may be a home. */
export function kindOfBusiness(type: string, name: string, building: string): Place['kind'] | undefined {
  // A pub's address may be that of the manager's flat above it.
  if (
    DWELLING_NAME.test(name) ||
    (KINDS[type] !== 'licensed' && DWELLING_NAME.test(building.replace(/\bmanage\w* flat\b/i, '')))
  )
    return undefined;
  if (MIXED.has(type))
    return PUBLIC_NAME.test(name) ? (/\bclub\b/i.test(name) ? 'licensed' : 'public') : undefined;
  return KINDS[type];
}

/** Where an incident occurred: the home gate, coordinates and named places. */
import { type IncidentColumns, LOCATED_BY, NO_CELL, NO_TERM, PLACE_KINDS } from '../schemas/incident.ts';
import { OFFENCE_CLASSES } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { NO_CODE, UNKNOWN_CODE } from './codes.ts';
import { DECIMAL_STATUS, parseDecimals } from './decimal.ts';
import { columnOf, type Door, gather, readCode, type TextColumn } from './door.ts';
import { pointsToCells } from './h3-cell.ts';
import { gridToDegrees, isOnGrid } from './national-grid.ts';
import { type FoundLevel, type Location, NO_PLACE, NOWHERE } from './places/location.ts';
import type { MappedPlace } from './places/place-map.ts';
import { placeAtPoint } from './places/places-at.ts';
import { resolveAgain } from './places/resolve-place.ts';
import { AT_SUPPLIER, AT_ZERO, COULD_BE_HOME, flagPoints, isAt } from './point-checks.ts';
import { problem } from './problems.ts';

const { OK: NUMBER_OK, MISSING: NUMBER_MISSING, NOT_A_NUMBER } = DECIMAL_STATUS;
const LOCATED = Object.fromEntries(LOCATED_BY.map((value, i) => [value, i])) as Record<
  (typeof LOCATED_BY)[number],
  number
>;
const LAT_MISSING = problem('latitude', 'missing');
const LAT_OUT_OF_RANGE = problem('latitude', 'out of range');
const LNG_MISSING = problem('longitude', 'missing');
const LNG_OUT_OF_RANGE = problem('longitude', 'out of range');
const OFF_GRID = problem('easting', 'not on the National Grid');
const SWAPPED = problem('latitude', 'swapped with the longitude');

const NOT_LOCATED = LOCATED.none;
const HOME = PLACE_KINDS.indexOf('home');

const PLACE_UNKNOWN = PLACE_KINDS.indexOf('unknown');

const PUBLIC_UNSURE = new Set([PLACE_UNKNOWN, PLACE_KINDS.indexOf('public'), PLACE_KINDS.indexOf('other')]);

/** Nothing but the type of place is known of these: a home, a domestic incident, a text that speaks of a home. */
const GATED = 1;
/** Nothing tells that it was no home; gated unless a text, or an ambulance's point, names a public place. */
const UNSURE = 2;
/** A text names what may be a home; gated unless it, or another text of the row, names a public place. */
const DOUBTED = 3;
/** A public place is named, whose point stands for the row's. */
const NAMED = 4;

/**
 * Decides which incidents may have a place at all, and where they are: the home gate. Coordinates and text of a
 * home, of a domestic incident, and of a text that speaks of a home, are not looked at further. A type of place or a
 * domestic mark that no code list explains counts as a home's, until the partnership lists it; where the type is
 * missing, or the source has none, only the name of a public place opens the gate: in a text, or, of an ambulance, at the
 * point itself. Where an ambulance was is then where that place is, not its own point. What stays closed for want of
 * knowledge alone is flagged: it could be a home. Only points of police.uk pass without a type: they are public, and are
 * of places on a map, not of homes.
 */
export function gateAndLocate(door: Door, batch: TextBatch, live: number): void {
  const {
    gate,
    placeType,
    domestic,
    lat,
    lng,
    flag,
    problem: problems,
    level,
    occurred,
    personalTexts,
  } = door.scratch;
  personalTexts.fill(0, 0, live);
  flag.fill(0, 0, live);
  readCode(door, batch, 'place_type', live, placeType);
  readCode(door, batch, 'domestic', live, domestic);
  const isPublished = door.settings.profile.kind === 'police.uk';
  for (let i = 0; i < live; i++) {
    const isHome = placeType[i] === HOME || placeType[i] === UNKNOWN_CODE;
    const isDomestic = domestic[i] === 1 || domestic[i] === UNKNOWN_CODE;
    gate[i] = isHome || isDomestic ? GATED : placeType[i] === NO_CODE && !isPublished ? UNSURE : 0;
    if (placeType[i] === UNKNOWN_CODE && domestic[i] !== 1) flag[i] = COULD_BE_HOME;
    placeAt(door, i, NOWHERE);
  }
  const text = textOf(batch);
  for (const column of door.columns.get('place_text') ?? []) {
    const { starts, ends } = gather(batch, column, door.scratch.rows, live, door.scratch.text);
    for (let i = 0; i < live; i++) {
      const start = starts[i] as number;
      const end = ends[i] as number;
      if (gate[i] === GATED || start === end) continue;
      const said = resolveAgain(door.resolver, text.toString('utf8', start, end), occurred.days[i] as number);
      if (said.isPersonal) personalTexts[i] = (personalTexts[i] as number) + 1;
      if (said.gate === 'private') {
        gate[i] = GATED;
        placeType[i] = HOME;
      } else if (said.gate === 'unsure') {
        if (PUBLIC_UNSURE.has(knownKind(placeType[i] as number))) gate[i] = DOUBTED;
        // Of what is known to be public, a postcode says where; a number of a house does not make the street the place.
        else if (said.location.level === 'postcode' && level[i] === NOT_LOCATED)
          placeAt(door, i, said.location);
      } else if (isNearer(said.location.level, level[i] as number)) placeAt(door, i, said.location);
    }
  }
  for (let i = 0; i < live; i++) {
    if (gate[i] !== UNSURE && gate[i] !== DOUBTED) continue;
    if (level[i] === LOCATED.place) gate[i] = door.placesAt ? NAMED : 0;
    else if (gate[i] === DOUBTED || !door.placesAt) closeGate(door, i);
  }
  const points = readPoints(door, batch, live);
  for (let i = 0; i < live; i++) {
    if (gate[i] === UNSURE) namePoint(door, i);
    if (gate[i] === GATED) {
      placeAt(door, i, NOWHERE);
      lat.values[i] = Number.NaN;
      lng.values[i] = Number.NaN;
    } else if (points && problems[i] === 0) problems[i] = pointProblem(door, batch, i);
    if (gate[i] !== NAMED) continue;
    gate[i] = 0;
    lat.values[i] = Number.NaN;
  }
  if (points) flagPoints(door, live);
}

/** Leaves a row without a place, since it could be a home. */
function closeGate({ scratch }: Door, i: number): void {
  scratch.gate[i] = GATED;
  scratch.flag[i] = COULD_BE_HOME;
}

/** Opens the gate of a row whose point is at a public place of the gazetteer. */
function namePoint(door: Door, i: number): void {
  const { lat, lng, gate, flag } = door.scratch;
  const isKnown = lat.status[i] === NUMBER_OK && lng.status[i] === NUMBER_OK;
  const [north, east] = [lat.values[i] as number, lng.values[i] as number];
  const place = door.placesAt && isKnown ? placeAtPoint(door.placesAt, north, east) : NO_PLACE;
  if (isKnown && (door.settings.ownPoints ?? []).some((own) => isAt(own, north, east))) {
    gate[i] = GATED;
    flag[i] = AT_SUPPLIER;
  } else if (place === NO_PLACE) closeGate(door, i);
  else {
    placeAt(door, i, {
      ...NOWHERE,
      level: 'place',
      place,
      point: door.settings.places[place] as MappedPlace,
    });
    gate[i] = NAMED;
  }
}

/** Levels by how much they say. */
const RANK: Readonly<Record<FoundLevel, number>> = {
  place: 5,
  junction: 4,
  street: 3,
  postcode: 2,
  sector: 1,
  area: 1,
  none: 0,
};

/** Whether a text says more than those before it did; of two streets the later one counts. */
function isNearer(level: FoundLevel, known: number): boolean {
  const rank = RANK[LOCATED_BY[known] as FoundLevel];
  return RANK[level] > rank || (level === 'street' && rank === RANK.street);
}

/** Notes where the text of a row says that it happened. */
function placeAt({ scratch }: Door, i: number, { level, place, point, area }: Location): void {
  scratch.level[i] = LOCATED[level];
  // A junction is neither of its streets.
  scratch.place[i] = level === 'junction' ? NO_PLACE : place;
  scratch.area[i] = area;
  scratch.textLat[i] = point.lat;
  scratch.textLng[i] = point.lng;
}

const knownKind = (code: number) => (code < 0 ? PLACE_UNKNOWN : code);

/** Parses coordinates; where they are missing, takes them from the National Grid. NaN where there are none. */
function readPoints(door: Door, batch: TextBatch, live: number): boolean {
  const { lat, lng, gate, easting, northing } = door.scratch;
  const north = columnOf(door, batch, 'latitude', live);
  if (north) parseDecimals(batch.bytes, north.starts, north.ends, live, lat.values, lat.status);
  const east = columnOf(door, batch, 'longitude', live);
  if (east) parseDecimals(batch.bytes, east.starts, east.ends, live, lng.values, lng.status);
  if (!door.columns.has('easting')) return north !== undefined;
  const eastings = columnOf(door, batch, 'easting', live) as TextColumn;
  parseDecimals(batch.bytes, eastings.starts, eastings.ends, live, easting.values, easting.status);
  const northings = columnOf(door, batch, 'northing', live) as TextColumn;
  parseDecimals(batch.bytes, northings.starts, northings.ends, live, northing.values, northing.status);
  for (let i = 0; i < live; i++) {
    if (easting.values[i] === 0 && northing.values[i] === 0) {
      const hasDegrees = lat.status[i] !== NUMBER_MISSING || lng.status[i] !== NUMBER_MISSING;
      if (gate[i] !== GATED && !hasDegrees) door.scratch.flag[i] = AT_ZERO;
      // Zeros stand for no point, as in degrees; on the grid they would be one in the sea off Scilly.
      easting.status[i] = NUMBER_MISSING;
      northing.status[i] = NUMBER_MISSING;
    }
    const pair = easting.status[i] === NUMBER_OK && northing.status[i] === NUMBER_OK;
    if (gate[i] === GATED || !pair || lat.status[i] !== NUMBER_MISSING || lng.status[i] !== NUMBER_MISSING)
      continue;
    if (!isOnGrid(easting.values[i] as number, northing.values[i] as number)) continue;
    const [longitude, latitude] = gridToDegrees(easting.values[i] as number, northing.values[i] as number);
    lat.values[i] = latitude;
    lng.values[i] = longitude;
    lat.status[i] = NUMBER_OK;
    lng.status[i] = NUMBER_OK;
  }
  return true;
}

const NUMBER_PROBLEMS = Object.fromEntries(
  (['latitude', 'longitude', 'easting', 'northing'] as const).map((role) => [
    role,
    [problem(role, 'not a number'), problem(role, 'a decimal comma')] as const,
  ]),
) as Record<'latitude' | 'longitude' | 'easting' | 'northing', readonly [number, number]>;

/** What is wrong with a text that is no number. */
function numberProblem(door: Door, batch: TextBatch, role: keyof typeof NUMBER_PROBLEMS, i: number): number {
  const column = door.columns.get(role)?.[0] as number;
  const row = door.scratch.rows[i] as number;
  const start = (batch.starts[column] as Int32Array)[row] as number;
  const end = (batch.ends[column] as Int32Array)[row] as number;
  const [notANumber, comma] = NUMBER_PROBLEMS[role];
  if (end - start > 40) return notANumber;
  return /^\s*[+-]?\d+,\d+\s*$/.test(textOf(batch).toString('latin1', start, end)) ? comma : notANumber;
}

/** What is wrong with the point of a row, 0 where nothing is; a point at 0,0 is none. */
function pointProblem(door: Door, batch: TextBatch, i: number): number {
  const { lat, lng, easting, northing } = door.scratch;
  if (lat.status[i] === NUMBER_MISSING && lng.status[i] === NUMBER_MISSING) {
    lat.values[i] = Number.NaN;
    if (!door.columns.has('easting')) return 0;
    if (easting.status[i] === NOT_A_NUMBER) return numberProblem(door, batch, 'easting', i);
    if (northing.status[i] === NOT_A_NUMBER) return numberProblem(door, batch, 'northing', i);
    return easting.status[i] === NUMBER_OK && northing.status[i] === NUMBER_OK ? OFF_GRID : 0;
  }
  if (lat.status[i] !== NUMBER_OK)
    return lat.status[i] === NUMBER_MISSING ? LAT_MISSING : numberProblem(door, batch, 'latitude', i);
  if (lng.status[i] !== NUMBER_OK)
    return lng.status[i] === NUMBER_MISSING ? LNG_MISSING : numberProblem(door, batch, 'longitude', i);
  if (!(Math.abs(lat.values[i] as number) <= 90)) return LAT_OUT_OF_RANGE;
  if (!(Math.abs(lng.values[i] as number) <= 180)) return LNG_OUT_OF_RANGE;
  if (isSwapped(lat.values[i] as number, lng.values[i] as number)) return SWAPPED;
  if (lat.values[i] === 0 && lng.values[i] === 0) door.scratch.flag[i] = AT_ZERO;
  return 0;
}

/** True of a point in the Indian Ocean that the other way round lies in the British Isles. */
const isSwapped = (lat: number, lng: number) => lat >= -11 && lat <= 2 && lng >= 49 && lng <= 61;

/**
 * Writes cell, named place and kind of place. Coordinates say where; the point of what a text names stands in for them
 * where its cell is certain.
 */
export function writePlaces(door: Door, batch: TextBatch, kept: number, incidents: IncidentColumns): void {
  const {
    kept: keptRows,
    lat,
    lng,
    keptLats,
    keptLngs,
    place,
    placeType,
    level,
    textLat,
    textLng,
  } = door.scratch;
  const { places, sites } = door.settings;
  const hasPoints = door.columns.has('latitude') || door.columns.has('easting');
  for (let k = 0; k < kept; k++) {
    const i = keptRows[k] as number;
    const isPointed = hasPoints && isPoint(lat.values[i] as number, lng.values[i] as number);
    keptLats[k] = (isPointed ? lat.values[i] : textLat[i]) as number;
    keptLngs[k] = (isPointed ? lng.values[i] : textLng[i]) as number;
    incidents.locatedBy[k] = isPointed ? LOCATED.coordinates : (level[i] as number);
  }
  pointsToCells(door.cells, keptLats, keptLngs, kept, incidents.cell);
  const firstPlaceTerm = 1 + sites.length + OFFENCE_CLASSES.length;
  for (let k = 0; k < kept; k++) {
    const i = keptRows[k] as number;
    const at = place[i] as number;
    const named = at >= 0 ? places[at] : undefined;
    incidents.placeId[k] = named ? firstPlaceTerm + at : NO_TERM;
    const kind = knownKind(placeType[i] as number);
    const found = named?.kind ?? (level[i] === LOCATED.junction ? 'street' : undefined);
    incidents.placeKind[k] = found && PUBLIC_UNSURE.has(kind) ? PLACE_KINDS.indexOf(found) : kind;
  }
  writeAreaCodes(door, batch, kept, incidents);
}

const isPoint = (lat: number, lng: number) => !Number.isNaN(lat) && !Number.isNaN(lng);

/**
 * Area codes as the supplier gives them, where they are codes of the statistical geography and the row has a place; else
 * the area of the gazetteer that its text names.
 */
function writeAreaCodes(door: Door, batch: TextBatch, kept: number, incidents: IncidentColumns): void {
  const { area } = door.scratch;
  const firstPlaceTerm = 1 + door.settings.sites.length + OFFENCE_CLASSES.length;
  for (let k = 0; k < kept; k++) {
    const at = area[door.scratch.kept[k] as number] as number;
    incidents.areaCode[k] = at >= 0 && incidents.cell[k] === NO_CELL ? firstPlaceTerm + at : NO_TERM;
  }
  const column = door.columns.get('area_code')?.[0];
  if (column === undefined) return;
  const { rows, kept: keptRows, gate } = door.scratch;
  for (let k = 0; k < kept; k++) {
    const row = rows[keptRows[k] as number] as number;
    const start = (batch.starts[column] as Int32Array)[row] as number;
    const end = (batch.ends[column] as Int32Array)[row] as number;
    if (end - start !== 9 || gate[keptRows[k] as number] === GATED) continue;
    const code = areaNumber(batch.bytes, start);
    if (code < 0) continue;
    let term = door.areaTerms.get(code);
    if (term === undefined) {
      term = door.terms.push(textOf(batch).toString('latin1', start, end)) - 1;
      door.areaTerms.set(code, term);
    }
    incidents.areaCode[k] = term;
  }
}

const AREA_LETTERS = [...'EWSN'].map((letter) => letter.charCodeAt(0));

/** A statistical area's code (E, W, S or N and eight digits) as a number, so that no text is made of it; -1 for none. */
function areaNumber(bytes: Uint8Array, start: number): number {
  let code = AREA_LETTERS.indexOf(bytes[start] as number);
  for (let i = 1; i < 9; i++) {
    const digit = (bytes[start + i] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    code = code * 10 + digit;
  }
  return code;
}

/** The batch's text as a buffer, which decodes parts of memory that threads share as well. */
const textOf = ({ bytes }: TextBatch) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** British National Grid to latitude and longitude, by proj4. */
import proj4 from 'proj4';

// Ordnance Survey's published seven-parameter transformation; good to about 5 metres all over Great Britain.
const NATIONAL_GRID =
  '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy ' +
  '+towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +no_defs';
const toWgs84 = proj4(NATIONAL_GRID, 'WGS84');

/** True where the pair, in metres, lies on the grid. */
export const isOnGrid = (easting: number, northing: number): boolean =>
  easting >= 0 && easting <= 700_000 && northing >= 0 && northing <= 1_300_000;

/** [longitude, latitude] in degrees (WGS84) of a point on the grid in metres. */
export function gridToDegrees(easting: number, northing: number): [number, number] {
  return toWgs84.forward([easting, northing]) as [number, number];
}

// British National Grid (EPSG:27700) from WGS 84, written out here so that the invented police files are made by
// other code than the one that reads them. Constants and series: Ordnance Survey, "A guide to coordinate systems
// in Great Britain". The seven-parameter shift is good to about 5 m.

const RADIANS = Math.PI / 180;
const ARC_SECOND = RADIANS / 3600;

function toAiry(lat: number, lng: number): { phi: number; lambda: number } {
  const a = 6378137;
  const e2 = 0.00669437999014;
  const nu = a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
  const x = nu * Math.cos(lat) * Math.cos(lng);
  const y = nu * Math.cos(lat) * Math.sin(lng);
  const z = nu * (1 - e2) * Math.sin(lat);
  const scale = 1 + 20.4894e-6;
  const rx = -0.1502 * ARC_SECOND;
  const ry = -0.247 * ARC_SECOND;
  const rz = -0.8421 * ARC_SECOND;
  const x2 = -446.448 + scale * x - rz * y + ry * z;
  const y2 = 125.157 + rz * x + scale * y - rx * z;
  const z2 = -542.06 - ry * x + rx * y + scale * z;
  const airyE2 = 1 - 6356256.909 ** 2 / AIRY_A ** 2;
  const p = Math.hypot(x2, y2);
  let phi = Math.atan2(z2, p * (1 - airyE2));
  for (let i = 0; i < 6; i++) {
    const radius = AIRY_A / Math.sqrt(1 - airyE2 * Math.sin(phi) ** 2);
    phi = Math.atan2(z2 + airyE2 * radius * Math.sin(phi), p);
  }
  return { phi, lambda: Math.atan2(y2, x2) };
}

const AIRY_A = 6377563.396;
const AIRY_B = 6356256.909;
const SCALE = 0.9996012717;
const PHI_0 = 49 * RADIANS;
const LAMBDA_0 = -2 * RADIANS;

function meridianArc(phi: number): number {
  const n = (AIRY_A - AIRY_B) / (AIRY_A + AIRY_B);
  const less = phi - PHI_0;
  const more = phi + PHI_0;
  return (
    AIRY_B *
    SCALE *
    ((1 + n + 1.25 * n ** 2 + 1.25 * n ** 3) * less -
      (3 * n + 3 * n ** 2 + 2.625 * n ** 3) * Math.sin(less) * Math.cos(more) +
      (1.875 * n ** 2 + 1.875 * n ** 3) * Math.sin(2 * less) * Math.cos(2 * more) -
      (35 / 24) * n ** 3 * Math.sin(3 * less) * Math.cos(3 * more))
  );
}

/** Easting and northing in metres of a WGS 84 point in Great Britain, in degrees; not rounded. */
export function latLngToGrid(lat: number, lng: number): { easting: number; northing: number } {
  const { phi, lambda } = toAiry(lat * RADIANS, lng * RADIANS);
  const e2 = 1 - AIRY_B ** 2 / AIRY_A ** 2;
  const sin = Math.sin(phi);
  const cos = Math.cos(phi);
  const tan2 = Math.tan(phi) ** 2;
  const nu = (AIRY_A * SCALE) / Math.sqrt(1 - e2 * sin ** 2);
  const rho = (AIRY_A * SCALE * (1 - e2)) / (1 - e2 * sin ** 2) ** 1.5;
  const eta2 = nu / rho - 1;
  const d = lambda - LAMBDA_0;
  const northing =
    -100000 +
    meridianArc(phi) +
    (nu / 2) * sin * cos * d ** 2 +
    (nu / 24) * sin * cos ** 3 * (5 - tan2 + 9 * eta2) * d ** 4 +
    (nu / 720) * sin * cos ** 5 * (61 - 58 * tan2 + tan2 ** 2) * d ** 6;
  const easting =
    400000 +
    nu * cos * d +
    (nu / 6) * cos ** 3 * (nu / rho - tan2) * d ** 3 +
    (nu / 120) * cos ** 5 * (5 - 18 * tan2 + tan2 ** 2 + 14 * eta2 - 58 * tan2 * eta2) * d ** 5;
  return { easting, northing };
}

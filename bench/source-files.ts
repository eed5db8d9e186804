/** Large source files in their real shapes, made by DuckDB from row numbers: the same every time. */
import { DuckDBInstance } from '@duckdb/node-api';

async function copy(select: string, path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (HEADER)`);
  connection.closeSync();
  instance.closeSync();
}

/** A number from 0 up to `below`, drawn by row and salt. */
const draw = (salt: number, below: number) => `(hash(i * 1000 + ${salt}) % ${below})::BIGINT`;
const pick = (salt: number, values: readonly string[]) =>
  `[${values.map((value) => `'${value}'`).join(',')}][1 + ${draw(salt, values.length)}]`;

/** A police.uk street file: 200,000 distinct points, a third of the rows violence, as in real files. */
export function writePoliceUkFile(path: string, rows: number): Promise<void> {
  const types = [
    'Violence and sexual offences',
    'Violence and sexual offences',
    'Anti-social behaviour',
    'Shoplifting',
    'Vehicle crime',
    'Public order',
  ];
  const outcomes = [
    'Investigation complete; no suspect identified',
    'Unable to prosecute suspect',
    'Status update unavailable',
    'Under investigation',
    'Awaiting court outcome',
    'Local resolution',
    'Formal action is not in the public interest',
  ];
  return copy(
    `SELECT CASE WHEN type <> 'Anti-social behaviour' THEN sha256(i::VARCHAR) END AS "Crime ID", '2025-0' || (1 + i % 9) AS "Month", 'South Wales Police' AS "Reported by",
      'South Wales Police' AS "Falls within", printf('%.6f', -3.30 + (point % 500) * 0.0006) AS "Longitude",
      printf('%.6f', 51.43 + (point // 500) * 0.0004) AS "Latitude", 'On or near Street ' || point AS "Location",
      printf('W0100%04d', point % 2000) AS "LSOA code", 'Cardiff ' || (point % 2000) AS "LSOA name",
      type AS "Crime type", CASE WHEN type <> 'Anti-social behaviour' THEN ${pick(3, outcomes)} END AS "Last outcome category",
      NULL AS "Context"
     FROM (SELECT i, ${draw(1, 200_000)} AS point, ${pick(2, types)} AS type FROM range(${rows}) numbers(i))`,
    path,
  );
}

/** An ISTV file with attendance id and NHS number on every row, four fifths of them with a free-text location. */
export function writeIstvFile(path: string, rows: number): Promise<void> {
  // The check digit of an NHS number by its rule; a body whose digit would be 10 gets the next body.
  const sum = [10, 9, 8, 7, 6, 5, 4, 3, 2]
    .map((weight, place) => `${weight} * ((body // ${10 ** (8 - place)}) % 10)`)
    .join(' + ');
  return copy(
    `SELECT 'RZZ01' AS "SITE CODE (OF TREATMENT)", strftime(arrival, '%Y-%m-%dT%H:%M:%S') AS "ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT",
      strftime(arrival - to_minutes(${draw(3, 240)}::INTEGER), '%Y-%m-%dT%H:%M:%S') AS "ASSAULT DATE AND TIME",
      ${pick(4, ['01', '02', '06', '10', '12', '14', '24'])} AS "ASSAULT METHOD", NULL AS "ASSAULT METHOD OTHER DESCRIPTION",
      CASE WHEN home THEN '01' ELSE '02' END AS "ASSAULT LOCATION TYPE",
      CASE WHEN home THEN NULL ELSE 'o/s the venue no ' || ${draw(6, 5000)} END AS "ASSAULT LOCATION DESCRIPTION",
      'A' || i AS "ATTENDANCE ID", (body * 10 + (11 - (${sum}) % 11) % 11)::VARCHAR AS "NHS NUMBER", 'Somebody ' || i AS "PATIENT NAME",
      '1990-01-01' AS "DATE OF BIRTH", 'ZZ1 1ZZ' AS "POSTCODE", 16 + ${draw(7, 60)} AS "AGE", ${pick(8, ['1', '2'])} AS "SEX"
     FROM (SELECT i, ${draw(5, 5)} = 0 AS home, TIMESTAMP '2024-01-01' + to_minutes(${draw(9, 900_000)}::INTEGER) AS arrival,
        999000000 + ${draw(10, 900_000)} AS body FROM range(${rows}) numbers(i))`,
    path,
  );
}

import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadKey, loadSettings } from '../../commands/load-settings.ts';
import { changeSettings, makeFolder, openFolder } from '../partnership-folder.ts';

const CASES: readonly [what: string, from: string, to: string, line: number, message: string][] = [
  [
    'a misspelt setting',
    'expected: true',
    'expectd: true',
    38,
    'sources.0.expectd: is not a setting: remove it or correct its name',
  ],
  [
    'a setting that is missing',
    'time_zone: Europe/London\n',
    '',
    4,
    'time_zone: is missing: "cardiff init FOLDER" makes a file in which every setting is explained',
  ],
  [
    'a retention that is none',
    'keep 30 days',
    'keep some days',
    39,
    'sources.0.after_commit: wanted "delete" or "keep N days"',
  ],
  [
    'a source id that cannot be a folder',
    'id: miu',
    'id: ../miu',
    40,
    'sources.1.id: wanted lower-case letters, digits and hyphens',
  ],
  [
    'broken YAML',
    'partnership: ',
    'partnership: [',
    6,
    'not valid YAML: check indentation, quotes and colons there',
  ],
];

describe('settings that cannot be used are told with their line', () => {
  for (const [what, from, to, line, message] of CASES) {
    test(what, async () => {
      const folder = await makeFolder();
      await changeSettings(folder, from, to);
      const error = await loadSettings(folder).catch((thrown: Error) => thrown);
      const said = (error as Error).message;
      expect(said).toBe(`${join(folder, 'cardiff.yaml')}:${line}: ${message}`);
    });
  }

  test('an empty file', async () => {
    const folder = await makeFolder();
    for (const text of ['', '# nothing\n', '[]', 'word', '&x [*x]']) {
      writeFileSync(join(folder, 'cardiff.yaml'), text);
      await expect(loadSettings(folder)).rejects.toThrow(/cardiff\.yaml:1: the settings: /);
    }
  });

  test('two fields from one column', async () => {
    const folder = await makeFolder();
    await changeSettings(
      folder,
      'name: Police',
      'name: Police\n    headers: { location_text: WHERE, premises: where }',
    );
    writeFileSync(
      join(folder, 'inbox/police/a.csv'),
      'crime_ref,offence_code,committed_from,where\n1,8N,2025-09-06,x\n',
    );
    const { failures } = await (await openFolder(folder)).read();
    expect(failures[0]?.message).toMatch(
      /two fields are read from the column "where": correct "headers" in cardiff\.yaml$/,
    );
  });
});

describe('the key', () => {
  const cases: [what: string, change: (folder: string, key: string) => void, message: string][] = [
    [
      'that others may read is refused',
      (_, key) => chmodSync(key, 0o640),
      'can be read by others (mode 640): run chmod 600 on it',
    ],
    [
      'in a folder that others may read is refused',
      (folder) => chmodSync(join(folder, 'secrets'), 0o750),
      'can be read by others (mode 750): run chmod 700 on it',
    ],
    [
      'that is too short is refused',
      (_, key) => writeFileSync(key, 'ab'.repeat(31)),
      'holds no key: wanted at least 64 hexadecimal digits',
    ],
    [
      'that is lost is missed',
      (_, key) => rmSync(key),
      'is not there: restore the key, without which earlier records cannot be recognised',
    ],
  ];
  for (const [what, change, message] of cases) {
    test(what, async () => {
      const folder = await makeFolder();
      const key = join(folder, 'secrets/partnership.key');
      const digits = readFileSync(key, 'utf8').trim();
      change(folder, key);
      const error = await loadSettings(folder)
        .then((settings) => loadKey(folder, settings))
        .catch((thrown: Error) => thrown);
      expect((error as Error).message).toContain(message);
      expect((error as Error).message).not.toContain(digits.slice(0, 8));
    });
  }
});

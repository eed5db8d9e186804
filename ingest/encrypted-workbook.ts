/**
 * Workbooks with a password ([MS-OFFCRYPTO], Agile and Standard Encryption), decrypted in memory. What can be told to have
 * been altered is refused.
 */
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { readStreams } from './compound-file.ts';
import { SourceError } from './source-error.ts';
import { readXml } from './xml.ts';

/** A password, and where it is to be corrected. */
export interface WorkbookPassword {
  readonly text: string;
  /** The file that holds it, as the settings name it. */
  readonly file: string;
}

/** The largest file that is decrypted, since it is in memory twice; and what says how. */
const MAX_BYTES = 256 << 20;
const MAX_INFO = 1 << 20;
/** Rounds of hashing that a file may ask for; Excel's are 100,000. The most that the standard allows. */
const MAX_SPIN = 10_000_000;
const SEGMENT = 4096;
const BLOCK = 16;
/** Version 4.4. */
const AGILE = 0x0004_0004;
const HASHES = ['sha1', 'sha256', 'sha384', 'sha512'];

/** What is decrypted, and with which key, is told apart by these. */
const FOR = {
  verifier: Buffer.from('fea7d2763b4b9e79', 'hex'),
  verifierHash: Buffer.from('d7aa0f6d3061344e', 'hex'),
  key: Buffer.from('146e0be7abacd0d6', 'hex'),
  hmacKey: Buffer.from('5fb2ad010cb9e1f6', 'hex'),
  hmac: Buffer.from('a0677f02b22c8433', 'hex'),
};

const damaged = () =>
  new SourceError('the workbook is damaged, or was changed after it was encrypted: have it sent again');
const unsupported = () =>
  new SourceError(
    'the workbook is encrypted in a way that is too old or not known: save it with its password in Excel 2010 or later, and deliver that',
  );

/**
 * The bytes of a workbook that is in a compound file.
 *
 * @throws SourceError where there is no password or the wrong one, or the file is damaged, altered, too large or no
 * encrypted workbook.
 */
export async function decryptWorkbook(path: string, password: WorkbookPassword | undefined): Promise<Buffer> {
  if ((await stat(path)).size > MAX_BYTES)
    throw new SourceError('a workbook with a password of more than 256 MB: deliver it in parts');
  const streams = readStreams(await readFile(path), ['EncryptionInfo', 'EncryptedPackage']);
  const info = streams.get('EncryptionInfo');
  const box = streams.get('EncryptedPackage');
  if (!info || !box || info.length > MAX_INFO)
    throw new SourceError(
      'the file is an old Excel or Word file, whatever its name: save it as CSV or as an XLSX, and deliver that',
    );
  if (!password)
    throw new SourceError(
      'the workbook is protected with a password: write it into a file of its own that only its owner may read, and name that file under "password_file" of the source in cardiff.yaml',
    );
  try {
    switch (info.readUInt32LE(0)) {
      case AGILE:
        return await readAgile(info, box, password);
      case 0x0002_0002:
      case 0x0002_0003:
      case 0x0002_0004:
        return readStandard(info, box, password);
    }
  } catch (error) {
    throw error instanceof SourceError ? error : damaged();
  }
  throw unsupported();
}

const digest = (hash: string, ...parts: readonly Uint8Array[]): Buffer => {
  const made = createHash(hash);
  for (const part of parts) made.update(part);
  return made.digest();
};

const int32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
};

/** A password hashed again and again, so that guessing it takes long. */
function spin(hash: string, salt: Buffer, { text }: WorkbookPassword, rounds: number): Buffer {
  let value = digest(hash, salt, Buffer.from(text, 'utf16le'));
  const round = Buffer.alloc(4 + value.length);
  for (let i = 0; i < rounds; i++) {
    round.writeUInt32LE(i);
    value.copy(round, 4);
    value = createHash(hash).update(round).digest();
  }
  return value;
}

/** The first bytes, filled up where there are too few. */
const toLength = (bytes: Buffer, length: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc(length, 0x36)]).subarray(0, length);

function decrypt(cipher: string, key: Buffer, iv: Buffer | null, bytes: Buffer): Buffer {
  const made = createDecipheriv(cipher, key, iv).setAutoPadding(false);
  return Buffer.concat([made.update(bytes), made.final()]);
}

function refuseWrong({ file }: WorkbookPassword, verifier: Buffer, expected: Buffer): void {
  if (!timingSafeEqual(verifier, expected))
    throw new SourceError(
      `the password in ${file} is not that of this workbook: correct it there, or have the workbook sent with that password`,
    );
}

/** The length of the workbook, which stands before it. */
function lengthIn(box: Buffer): number {
  const length = Number(box.readBigUInt64LE(0));
  if (Math.ceil(length / BLOCK) * BLOCK > box.length - 8) throw damaged();
  return length;
}

type Attributes = Readonly<Record<string, string>>;

/** How something is encrypted by Agile Encryption, from the attributes that say it. */
function methodOf(given: Attributes) {
  const hash = (given['hashAlgorithm'] ?? '').toLowerCase().replace('-', '');
  const bits = Number(given['keyBits']);
  if (
    !HASHES.includes(hash) ||
    ![128, 192, 256].includes(bits) ||
    given['cipherAlgorithm'] !== 'AES' ||
    given['cipherChaining'] !== 'ChainingModeCBC' ||
    given['blockSize'] !== String(BLOCK)
  )
    throw unsupported();
  const salt = bytesOf(given, 'saltValue');
  const cipher = `aes-${bits}-cbc`;
  const size = digest(hash).length;
  return { hash, size, salt, cipher, keyBytes: bits / 8 };
}

function bytesOf(given: Attributes, name: string): Buffer {
  const bytes = Buffer.from(given[name] ?? '', 'base64');
  if (bytes.length === 0) throw damaged();
  return bytes;
}

/** The attributes by element of the XML that says how a workbook is encrypted. */
async function readDescription(xml: Buffer): Promise<Readonly<Record<string, Attributes>>> {
  const found = new Map<string, Attributes>();
  const open = (name: string, attributes: Attributes) => {
    // Beside the key for the password there may be some for certificates, which ask for no rounds.
    if (name !== 'encryptedKey' || 'spinCount' in attributes) found.set(name, attributes);
  };
  try {
    const events = { open, text: () => undefined, close: () => undefined };
    for await (const _ of readXml(Readable.from([xml]), events, () => 0));
  } catch {
    throw damaged();
  }
  return Object.fromEntries(found);
}

async function readAgile(info: Buffer, box: Buffer, password: WorkbookPassword): Promise<Buffer> {
  const { keyData = {}, dataIntegrity = {}, encryptedKey = {} } = await readDescription(info.subarray(8));
  const lock = methodOf(encryptedKey);
  const data = methodOf(keyData);
  const rounds = Number(encryptedKey['spinCount']);
  if (!(rounds >= 0 && rounds <= MAX_SPIN))
    throw new SourceError(
      `the workbook asks for more than ${MAX_SPIN.toLocaleString('en-GB')} rounds of hashing, as no Excel does: have it saved and sent again`,
    );
  const base = spin(lock.hash, lock.salt, password, rounds);
  const unlock = (what: Buffer, name: string) =>
    decrypt(
      lock.cipher,
      toLength(digest(lock.hash, base, what), lock.keyBytes),
      toLength(lock.salt, BLOCK),
      bytesOf(encryptedKey, name),
    );
  const verifier = unlock(FOR.verifier, 'encryptedVerifierHashInput').subarray(0, lock.salt.length);
  const expected = unlock(FOR.verifierHash, 'encryptedVerifierHashValue').subarray(0, lock.size);
  refuseWrong(password, digest(lock.hash, verifier), expected);

  const key = unlock(FOR.key, 'encryptedKeyValue').subarray(0, data.keyBytes);
  const unwrap = (what: Buffer, bytes: Buffer) =>
    decrypt(data.cipher, key, toLength(digest(data.hash, data.salt, what), BLOCK), bytes);
  const hmacKey = unwrap(FOR.hmacKey, bytesOf(dataIntegrity, 'encryptedHmacKey')).subarray(0, data.size);
  const hmac = unwrap(FOR.hmac, bytesOf(dataIntegrity, 'encryptedHmacValue')).subarray(0, data.size);
  if (!timingSafeEqual(createHmac(data.hash, hmacKey).update(box).digest(), hmac)) throw damaged();

  const length = lengthIn(box);
  const bytes = box.subarray(8, 8 + Math.ceil(length / BLOCK) * BLOCK);
  // What is decrypted takes the place of what it was.
  for (let at = 0, i = 0; at < bytes.length; at += SEGMENT, i++)
    unwrap(int32(i), bytes.subarray(at, at + SEGMENT)).copy(bytes, at);
  return bytes.subarray(0, length);
}

const AES_128 = 0x660e;
const SHA1 = 0x8004;

/** Excel 2007 has neither a choice of rounds nor anything that tells whether the file was altered. */
function readStandard(info: Buffer, box: Buffer, password: WorkbookPassword): Buffer {
  const verifierAt = 12 + info.readUInt32LE(8);
  if (info.readUInt32LE(20) !== AES_128 || info.readUInt32LE(24) !== SHA1) throw unsupported();
  const salt = info.subarray(verifierAt + 4, verifierAt + 20);
  const base = digest('sha1', spin('sha1', salt, password, 50_000), int32(0));
  const mixed = Buffer.alloc(64, 0x36);
  for (let i = 0; i < base.length; i++) mixed.writeUInt8(0x36 ^ base.readUInt8(i), i);
  const key = digest('sha1', mixed).subarray(0, 16);
  const open = (bytes: Buffer) => decrypt('aes-128-ecb', key, null, bytes);
  const verifier = open(info.subarray(verifierAt + 20, verifierAt + 36));
  const expected = open(info.subarray(verifierAt + 40, verifierAt + 72)).subarray(0, 20);
  refuseWrong(password, digest('sha1', verifier), expected);
  const length = lengthIn(box);
  return open(box.subarray(8, 8 + Math.ceil(length / BLOCK) * BLOCK)).subarray(0, length);
}

/** Encryption to a partner's public key, in the age format: the only place that touches age-encryption. */
import { Encrypter } from 'age-encryption';

/** Whether a text is a public key that something can be encrypted to. */
export function isPublicKey(key: string): boolean {
  try {
    new Encrypter().addRecipient(key);
    return true;
  } catch {
    return false;
  }
}

/** The content as an age file that the holder of the private key alone can read; other bytes every time. */
export async function encryptTo(key: string, content: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(key);
  return encrypter.encrypt(content);
}

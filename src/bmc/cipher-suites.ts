/** The cipher suites of RMCP+ (IPMI 2.0 table 22-20) and the records that announce them (section 22.15). */

/** RAKP's hash: its number on the wire, Node's name for it, and the bytes of RAKP 4 that are sent. */
export interface AuthenticationAlgorithm {
  readonly number: number;
  readonly hash: 'sha1' | 'md5' | 'sha256';
  readonly integrityCheckLength: number;
}

export interface IntegrityAlgorithm {
  readonly number: number;
  readonly method: 'none' | 'hmac' | 'md5-128';
  readonly hash: 'sha1' | 'md5' | 'sha256';
  readonly codeLength: number;
}

export interface CipherSuite {
  readonly id: number;
  readonly authentication: AuthenticationAlgorithm;
  readonly integrity: IntegrityAlgorithm;
  /** AES-CBC-128 (1) or nothing (0). */
  readonly confidentiality: 0 | 1;
}

const rakpHmacSha1: AuthenticationAlgorithm = { number: 1, hash: 'sha1', integrityCheckLength: 12 };
const rakpHmacMd5: AuthenticationAlgorithm = { number: 2, hash: 'md5', integrityCheckLength: 16 };
const rakpHmacSha256: AuthenticationAlgorithm = { number: 3, hash: 'sha256', integrityCheckLength: 16 };

const noIntegrity: IntegrityAlgorithm = { number: 0, method: 'none', hash: 'sha1', codeLength: 0 };
const hmacSha1: IntegrityAlgorithm = { number: 1, method: 'hmac', hash: 'sha1', codeLength: 12 };
const hmacMd5: IntegrityAlgorithm = { number: 2, method: 'hmac', hash: 'md5', codeLength: 16 };
const md5: IntegrityAlgorithm = { number: 3, method: 'md5-128', hash: 'md5', codeLength: 16 };
const hmacSha256: IntegrityAlgorithm = { number: 4, method: 'hmac', hash: 'sha256', codeLength: 16 };

/** Every suite that can be offered. Suites with RC4, and those without authentication, are left out on purpose. */
export const cipherSuites: readonly CipherSuite[] = [
  { id: 1, authentication: rakpHmacSha1, integrity: noIntegrity, confidentiality: 0 },
  { id: 2, authentication: rakpHmacSha1, integrity: hmacSha1, confidentiality: 0 },
  { id: 3, authentication: rakpHmacSha1, integrity: hmacSha1, confidentiality: 1 },
  { id: 8, authentication: rakpHmacMd5, integrity: hmacMd5, confidentiality: 1 },
  { id: 12, authentication: rakpHmacMd5, integrity: md5, confidentiality: 1 },
  { id: 15, authentication: rakpHmacSha256, integrity: noIntegrity, confidentiality: 0 },
  { id: 16, authentication: rakpHmacSha256, integrity: hmacSha256, confidentiality: 0 },
  { id: 17, authentication: rakpHmacSha256, integrity: hmacSha256, confidentiality: 1 },
];

/** The suites offered unless told otherwise: all but those that only authenticate the log-in. */
export const defaultSuiteIds: readonly number[] = cipherSuites
  .filter((suite) => suite.integrity.method !== 'none')
  .map((suite) => suite.id);

/** The suite with this id, if it can be offered. */
export function cipherSuite(id: number): CipherSuite | undefined {
  return cipherSuites.find((suite) => suite.id === id);
}

/** The suite records of Get Channel Cipher Suites, each as start byte, id, and three tagged algorithms. */
export function encodeSuiteRecords(suites: readonly CipherSuite[]): Buffer {
  return Buffer.from(
    suites.flatMap((suite) => [
      0xc0,
      suite.id,
      suite.authentication.number,
      0x40 | suite.integrity.number,
      0x80 | suite.confidentiality,
    ]),
  );
}

/** The algorithms of the suites, each once, as Get Channel Cipher Suites lists them when asked for algorithms. */
export function encodeAlgorithms(suites: readonly CipherSuite[]): Buffer {
  return Buffer.from([
    ...new Set(suites.map((suite) => suite.authentication.number)),
    ...new Set(suites.map((suite) => 0x40 | suite.integrity.number)),
    ...new Set(suites.map((suite) => 0x80 | suite.confidentiality)),
  ]);
}

/** The suite ids in suite records; OEM records and suites that cannot be spoken here are passed over. */
export function decodeSuiteRecords(records: Buffer): number[] {
  const ids: number[] = [];
  const standard = 0xc0;
  const oem = 0xc1;
  for (let at = 0; at + 1 < records.length; ) {
    const start = records.readUInt8(at);
    const id = records.readUInt8(at + 1);
    if (start === standard && cipherSuite(id)) ids.push(id);
    at += start === standard ? 2 : start === oem ? 5 : 1;
  }
  return ids;
}

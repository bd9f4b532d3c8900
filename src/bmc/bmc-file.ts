/** BMCs as they are written in a file: YAML, checked, with defaults filled in. */
import { parse } from 'yaml';
import { z } from 'zod';
import { LabError, messageOf } from '../errors.ts';
import { cipherSuites, defaultSuiteIds } from './cipher-suites.ts';

const suite = z
  .number()
  .refine((id) => cipherSuites.some((known) => known.id === id), 'no such cipher suite');

const entry = z.strictObject({
  name: z.string().min(1),
  address: z.ipv4(),
  port: z.number().int().min(0).max(65_535).default(623),
  user: z.string().min(1).max(16),
  password_file: z.string().min(1),
  /** The machine: a libvirt domain, or without one a machine in memory. */
  domain: z.string().optional(),
  connect: z.string().default('qemu:///system'),
  suites: z
    .array(suite)
    .min(1)
    .default([...defaultSuiteIds]),
  kg_file: z.string().optional(),
  lanplus_only: z.boolean().default(false),
  state_file: z.string().optional(),
  uuid: z.guid().optional(),
  machine: z
    .strictObject({
      manufacturer: z.string(),
      product: z.string(),
      serial: z.string(),
      part_number: z.string().optional(),
      asset_tag: z.string().optional(),
    })
    .optional(),
});

const document = z.strictObject({ bmcs: z.array(entry).min(1) });

/** A BMC as a file or the command line describes it. */
export type BmcEntry = z.infer<typeof entry>;

/** Checks one description, however it came about. @throws LabError `usage` naming every wrong key */
export function checkBmcEntry(value: unknown, where: string): BmcEntry {
  return checked(entry.safeParse(value), where);
}

/**
 * The BMCs in a file's text, `bmcs: [{name, address, …}]`.
 *
 * @throws LabError `usage` naming every wrong key
 */
export function parseBmcFile(text: string, where: string): readonly BmcEntry[] {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new LabError('usage', `${where} is no YAML: ${messageOf(error)}`);
  }
  return checked(document.safeParse(value), where).bmcs;
}

function checked<T>(result: z.ZodSafeParseResult<T>, where: string): T {
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new LabError('usage', `${where} does not describe BMCs: ${problems.join('; ')}`);
}

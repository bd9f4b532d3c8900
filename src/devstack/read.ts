import { readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { stringify } from 'yaml';
import { LabError, messageOf } from '../errors.ts';
import type { BmcCredentials } from '../lab/secrets.ts';
import { checkData } from '../topology/check-data.ts';
import type { Topology } from '../topology/schema.ts';
import { readHardwareInfo } from './hardware-info.ts';
import { localrcOf } from './local-conf.ts';
import { type FileProblem, problemLine } from './problem.ts';
import { devstackSettings } from './settings.ts';
import { readAssignments } from './shell-assignments.ts';
import { describedTopology, originOf } from './topology-of.ts';
import { isKnown, isSecret } from './variables.ts';

/** What DevStack's files come to. */
export interface DevstackFiles {
  readonly topology: Topology;
  /** The same as a topology file. It holds no password. */
  readonly yaml: string;
  /** The driver that the nodes are enrolled with. */
  readonly driver: string;
  readonly credentials: readonly BmcCredentials[];
  /** Variables that the lab does not know. */
  readonly unknown: readonly { readonly name: string; readonly line: number }[];
  /** What was said and is passed over, or done otherwise, in sentences. */
  readonly notes: readonly string[];
}

const remedy = 'correct the files; docs/devstack.md describes every variable and field';

/**
 * Reads DevStack's localrc or local.conf, and hardware_info, as data: nothing in them is executed.
 *
 * @param files.localrc path
 * @param files.hardwareInfo path; default: what IRONIC_IPMIINFO_FILE names, from the localrc's folder on
 * @param options.real the servers of hardware_info are there, and need no virtual ones in their place
 * @throws LabError `usage` whose message lists every problem of both files, one a line, as `file:line: …`, and repeats
 *   no password
 */
export function readDevstack(
  files: { readonly localrc: string; readonly hardwareInfo?: string },
  name: string,
  options: { readonly real?: boolean } = {},
): DevstackFiles {
  const { lines, otherSections, problems: sectionProblems } = localrcOf(readText(files.localrc, 'localrc'));
  const { assignments, calls, problems: shellProblems } = readAssignments(lines);
  const { settings, problems } = devstackSettings(assignments, files.localrc);
  const here = ({ line, text }: { line: number; text: string }): FileProblem => ({
    file: files.localrc,
    line,
    text,
  });
  const found: FileProblem[] = [...[...sectionProblems, ...shellProblems].map(here), ...problems];
  const notes = [
    ...otherSections.map((it) => `${files.localrc}:${it.line}: the section [[${it.name}]] is passed over`),
    ...calls.map((it) => `${files.localrc}:${it.line}: ${it.name} is passed over`),
    ...settings.notes,
  ];

  const hardwareFile = files.hardwareInfo ?? besides(files.localrc, settings.hardwareInfoFile.value);
  let hardware: ReturnType<typeof readHardwareInfo> | undefined;
  if (settings.isHardware && hardwareFile === undefined) {
    const { driver } = settings;
    found.push(
      here({
        line: driver.line,
        text: `${driver.value} is for servers, but nothing names them; set IRONIC_IPMIINFO_FILE, or add --hardware-info`,
      }),
    );
  } else if (hardwareFile !== undefined && !settings.isHardware) {
    notes.push(`${hardwareFile}: ${settings.driver.value} controls VMs, so that no server is enrolled`);
  } else if (hardwareFile !== undefined) {
    hardware = readHardwareInfo(readText(hardwareFile, 'hardware_info'), hardwareFile);
    found.push(...hardware.problems);
    if (hardware.entries.length === 0 && hardware.problems.length === 0) {
      found.push({
        file: hardwareFile,
        line: 0,
        text: 'found no server, expected lines BMC_IP MAC USER PASSWORD',
      });
    }
    notes.push(
      ...hardware.redfishLines.map(
        (line) => `${hardwareFile}:${line}: the fifth field, a Redfish system, is passed over`,
      ),
    );
  }

  const secrets = [
    ...assignments.filter((it) => isSecret(it.name)).flatMap(({ value }) => value ?? []),
    ...(hardware?.entries ?? []).map(({ password }) => password),
  ];
  const servers = hardware?.entries ?? [];
  const described = describedTopology(name, settings, servers, hardwareFile ?? files.localrc, {
    real: options.real ?? false,
  });
  const { topology, problems: misfits } = checkData(described.data, name);
  for (const { path, text } of misfits) {
    const { file, line } = originOf(path, described.origins) ?? { file: files.localrc, line: 0 };
    // What is wrong by itself has a default in its place, which need not go with the rest.
    if (line === 0 ? found.length === 0 : !found.some((it) => it.file === file && it.line === line)) {
      found.push({ file, line, text });
    }
  }
  if (!topology || found.length > 0) throw refusal(found, secrets);
  return {
    topology,
    yaml: `# From DevStack's ${[files.localrc, ...(hardware ? [hardwareFile ?? ''] : [])].map((it) => basename(it)).join(' and ')}\n${stringify(described.data)}`,
    driver: settings.driver.value,
    credentials: servers.map(({ username, password }, index) => ({
      server: `node-${index}`,
      username,
      password,
    })),
    unknown: assignments
      .filter((it) => !isKnown(it.name))
      .map(({ name: variable, line }) => ({ name: variable, line })),
    notes: [...notes, ...described.notes].map((note) => withoutSecrets(note, secrets)),
  };
}

/** @throws LabError `usage` for a file that cannot be read */
export function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LabError('usage', `cannot read the ${what} ${file}: ${messageOf(cause)}`, { cause });
  }
}

function besides(file: string, path: string | undefined): string | undefined {
  return path === undefined || isAbsolute(path) ? path : join(dirname(file), path);
}

function refusal(problems: readonly FileProblem[], secrets: readonly string[]): LabError {
  const sorted = [...problems].sort((a, b) => (a.file === b.file ? a.line - b.line : 0));
  const listed = [...new Set(sorted.map(problemLine))].map((line) => withoutSecrets(line, secrets));
  const count = listed.length === 1 ? 'a problem' : `${listed.length} problems`;
  return new LabError('usage', `DevStack's files have ${count}:\n${listed.join('\n')}`, { remedy });
}

/** A password may have slipped into another field. Those of a letter or two would take the text apart. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 2)
    .reduce((left, secret) => left.replaceAll(secret, '******'), text);
}

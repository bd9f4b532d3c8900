import { existsSync } from 'node:fs';
import { LabError } from '../errors.ts';
import type { HostName, Lab } from '../lab/record.ts';
import { consoleLog } from '../libvirt/domain-xml.ts';
import { seenFromOutside } from '../linux/host.ts';
import { LogTail } from '../linux/log-tail.ts';
import { rackServers } from '../topology/nodes.ts';
import { waitFor } from '../wait.ts';
import type { ApiClient } from './api-client.ts';
import type { DeployTimers } from './conductor/settings.ts';
import { ConsoleFollower } from './console-follower.ts';
import { type Node, nodePath, type Phase } from './node.ts';
import type { ProvisionVerb } from './states.ts';

/**
 * What a system says when somebody may log in, getty's prompt: `<hostname> login: `. What the kernel or cloud-init says
 * afterwards, with its time in brackets, goes on in the same line.
 */
export const loginPrompt = /^\S+ login: ?(\[ *\d+\.\d+\] .*)?$/;

/** Each question to the conductor takes from the processors that emulate the node. */
const statePauseMs = 250;

/** A provisioning from the command to its end. */
export interface BootReport {
  readonly node: Node;
  readonly phases: readonly Phase[];
  /** When the command was given, ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Why its login prompt was not seen, though it is active; null when it was. */
  readonly promptUnseen: string | null;
}

export interface BootOptions {
  readonly verb: ProvisionVerb;
  readonly image?: string;
  /** The MD5 that the image must have, where it is not to be that of the store. */
  readonly checksum?: string;
  /** What firmware is given to boot. Default: ipxe. */
  readonly bootInterface?: 'pxe' | 'ipxe';
  /** The config drive, gzipped and in base64. */
  readonly configdrive?: string;
  /** How long until the node is active or has failed, in ms. */
  readonly deployTimeoutMs: number;
  /** How long from then until its login prompt, in ms. */
  readonly loginTimeoutMs: number;
  /** Timers of this deployment that are not the conductor's. */
  readonly timers?: DeployTimers;
  readonly onPhase: (phase: Phase) => void;
  /** Is told each line of the node's console. */
  readonly onConsole?: (line: string) => void;
}

/**
 * Deploys a node and watches it to the login prompt of the system that is then on it. A node whose last deployment
 * failed is torn down before.
 *
 * @throws LabError `lab-failed` with the node's last_error when the deployment fails
 */
export async function bootNode(
  lab: Lab,
  api: ApiClient,
  name: string,
  options: BootOptions,
): Promise<BootReport> {
  const start = performance.now();
  const startedAt = new Date().toISOString();
  const { verb, onConsole } = options;
  const path = nodePath(name);
  const before = await api.get<Node>(path);
  if (
    verb === 'active' &&
    (before.provision_state === 'deploy failed' || before.provision_state === 'error')
  ) {
    await undeployNode(api, name);
  }
  const console = new ConsoleFollower(consoleLogOf(lab, before), onConsole);
  try {
    await api.put<Node>(`${path}/states/provision`, requestOf(options));
    let node = await deployed(api, name, console, options);
    const phases = [...(node.driver_internal_info.phases ?? [])];
    const { at, unseen } = await promptOf(lab, node, console, options.loginTimeoutMs);
    const prompt: Phase[] = at === undefined ? [] : [{ name: 'login prompt', at }];
    for (const phase of prompt) options.onPhase(phase);
    node = await api.get<Node>(path);
    return {
      node,
      phases: [...phases, ...prompt],
      startedAt,
      durationMs: Math.round(performance.now() - start),
      promptUnseen: unseen ?? null,
    };
  } finally {
    console.close();
  }
}

function requestOf({ verb, image, checksum, bootInterface, configdrive, timers }: BootOptions): object {
  return {
    target: verb,
    ...(image ? { image } : {}),
    ...(checksum ? { checksum } : {}),
    ...(bootInterface ? { boot_interface: bootInterface } : {}),
    ...(configdrive ? { configdrive } : {}),
    ...(timers ? { timers } : {}),
  };
}

/** Waits for the end of a deployment, and tells its phases as they come. */
async function deployed(
  api: ApiClient,
  name: string,
  console: ConsoleFollower,
  options: BootOptions,
): Promise<Node> {
  let told = 0;
  let seen: Node | undefined;
  const node = await waitFor(
    `node ${name} to be deployed`,
    async () => {
      const now = await api.get<Node>(nodePath(name));
      console.read();
      seen = now;
      const phases = now.driver_internal_info.phases ?? [];
      for (; told < phases.length; told++) {
        const phase = phases[told];
        if (phase) options.onPhase(phase);
      }
      return now.provision_state === 'active' || now.provision_state === 'deploy failed' ? now : undefined;
    },
    {
      timeoutMs: options.deployTimeoutMs,
      longestPauseMs: statePauseMs,
      lastSeen: () =>
        `${seen?.provision_state}, after ${seen?.driver_internal_info.phases?.at(-1)?.name ?? 'no phase'}`,
    },
  );
  if (node.provision_state === 'active') return node;
  throw new LabError('lab-failed', node.last_error ?? `deployment of node ${name} failed`, {
    remedy: `lab node show ${name} tells each phase; lab boot ${name} tries again`,
  });
}

/** The host that a node's machine runs in; undefined for one outside the lab. */
export function hostOf(lab: Lab, node: Pick<Node, 'name'>): HostName | undefined {
  if (lab.topology.vms.some((vm) => vm.name === node.name)) return 'devstack';
  return rackServers(lab.topology).some((server) => server.name === node.name) ? 'rack' : undefined;
}

/**
 * Where a node's console is recorded, as the machine sees it. That of a node outside the lab is recorded by the
 * conductor, in devstack, when its BMC has serial over LAN.
 */
export function consoleLogOf(lab: Lab, node: Pick<Node, 'name'>): string {
  return seenFromOutside(lab[hostOf(lab, node) ?? 'devstack'], consoleLog(node.name));
}

/** When the node's console shows a login prompt, or why that cannot be seen. */
async function promptOf(
  lab: Lab,
  node: Node,
  console: ConsoleFollower,
  timeoutMs: number,
): Promise<{ readonly at?: string; readonly unseen?: string }> {
  const log = consoleLogOf(lab, node);
  if (!existsSync(log)) {
    if (!hostOf(lab, node)) return { unseen: 'its BMC gives no serial console' };
    throw new LabError('lab-failed', `node ${node.name} has no recorded console`);
  }
  let last = '';
  let at: string | undefined;
  const look = (line: string) => {
    const text = line.replace(/\r/g, '').trimEnd();
    if (text !== '') last = text;
    if (loginPrompt.test(text)) at ??= new Date().toISOString();
  };
  const tail = new LogTail(log, look, 'end');
  try {
    return await waitFor(
      `the login prompt on the console of ${node.name}`,
      () => {
        console.read();
        tail.read();
        look(tail.unfinished);
        if (at !== undefined) return { at };
        return console.lost === undefined ? undefined : { unseen: `its console was lost: ${console.lost}` };
      },
      { timeoutMs, lastSeen: () => JSON.stringify(last.slice(-200)) },
    );
  } finally {
    tail.close();
  }
}

/** Tears a node down and answers when it is available. @throws LabError with its last_error when that fails */
export async function undeployNode(api: ApiClient, name: string): Promise<Node> {
  const path = nodePath(name);
  await api.put<Node>(`${path}/states/provision`, { target: 'deleted' });
  const node = await waitFor(
    `node ${name} to be torn down`,
    async () => {
      const now = await api.get<Node>(path);
      return now.provision_state === 'deleting' ? undefined : now;
    },
    { timeoutMs: 60_000 },
  );
  if (node.provision_state === null) return node;
  throw new LabError('lab-failed', node.last_error ?? `node ${name} could not be torn down`);
}

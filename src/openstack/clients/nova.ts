import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { LabError } from '../../errors.ts';
import type { ApiClient } from '../../ironic/api-client.ts';
import { run } from '../../linux/process.ts';
import { waitFor } from '../../wait.ts';
import type { CloudFlavor, CloudImage, CloudInstance, CloudKeypair } from '../cloud.ts';
import { prettyTable, propertyTable } from '../pretty-table.ts';
import { type ClientContext, clientProgram, subcommand } from './client.ts';

/** Ironic waits that long for a ramdisk (deploy_callback_timeout). */
const pollTimeoutMs = 1_800_000;

interface BootOptions {
  readonly flavor: string;
  readonly image: string;
  readonly nic: string;
  readonly keyName?: string;
  readonly poll?: boolean;
}

/** python-novaclient's `nova`, as far as the article uses it. */
export function novaClient({ api, print }: ClientContext): Command {
  const program = clientProgram('nova', 'Instances on bare-metal nodes.');

  subcommand(program, 'flavor-list', 'what instances may ask for').action(async () => {
    const { flavors } = await (await api()).get<{ flavors: CloudFlavor[] }>('/v2/flavors');
    const header = 'ID,Name,Memory_MB,Disk,Ephemeral,Swap,VCPUs,RXTX_Factor,Is_Public'.split(',');
    const rows = flavors.map((it) => [
      it.id,
      it.name,
      String(it.ram),
      String(it.disk),
      '0',
      '',
      String(it.vcpus),
      '1.0',
      'True',
    ]);
    print(prettyTable(header, rows));
  });
  subcommand(program, 'image-list', 'the images').action(async () => {
    const { images } = await (await api()).get<{ images: CloudImage[] }>('/v2/images');
    const rows = images.map(({ id, name }) => [id, name, 'ACTIVE', '']);
    print(prettyTable(['ID', 'Name', 'Status', 'Server'], rows));
  });
  subcommand(program, 'list', 'the instances').action(async () => {
    const { servers } = await (await api()).get<{ servers: CloudInstance[] }>('/v2/servers');
    const rows = servers.map((it) => [
      it.id,
      it.name,
      it.status,
      it.task_state ?? '-',
      it.power_state,
      Object.entries(it.addresses)
        .map(([network, ip]) => `${network}=${ip}`)
        .join('; '),
    ]);
    print(prettyTable(['ID', 'Name', 'Status', 'Task State', 'Power State', 'Networks'], rows));
  });
  subcommand(program, 'show', 'one instance')
    .argument('<server>')
    .action(async (which: string) =>
      print(shown(await (await api()).get<CloudInstance>(`/v2/servers/${encodeURIComponent(which)}`))),
    );
  subcommand(program, 'boot', 'deploy an instance on a node')
    .requiredOption('--flavor <flavor>', 'name or ID from flavor-list')
    .requiredOption('--image <image>', 'name or ID from image-list')
    .requiredOption('--nic <net-id=ID>', 'the network, by its name or ID from neutron net-list')
    .option('--key-name <name>', 'a keypair that may log in')
    .option('--poll', 'tell when the instance is there')
    .argument('<name>', 'the name of the instance')
    .action(async (name: string, { flavor, image, nic, keyName, poll }: BootOptions) => {
      const network = /^net-id=(.+)$/.exec(nic)?.[1];
      if (network === undefined) {
        throw new LabError('usage', `--nic ${nic} names no network`, {
          remedy: '--nic net-id=ID, with an ID from neutron net-list',
        });
      }
      const body = { name, flavor, image, network, ...(keyName === undefined ? {} : { key_name: keyName }) };
      const client = await api();
      const instance = await client.post<CloudInstance>('/v2/servers', body);
      print(shown(instance));
      if (poll) print(await built(client, instance));
    });
  subcommand(program, 'delete', 'take an instance off its node')
    .argument('<server>')
    .action(async (which: string) => {
      await (await api()).delete(`/v2/servers/${encodeURIComponent(which)}`);
    });
  subcommand(program, 'keypair-list', 'the keys that instances can be given').action(async () => {
    const { keypairs } = await (await api()).get<{ keypairs: CloudKeypair[] }>('/v2/keypairs');
    print(
      prettyTable(
        ['Name', 'Public key'],
        keypairs.map((it) => [it.name, `${it.public_key.slice(0, 40)}…`]),
      ),
    );
  });
  subcommand(program, 'keypair-add', 'make a key, or add one, and print its private part')
    .option('--pub-key <file>', 'a public key that is there')
    .argument('<name>')
    .action(async (name: string, { pubKey }: { readonly pubKey?: string }) => {
      const key = pubKey === undefined ? await newKey(name) : { publicKey: readKey(pubKey) };
      await (await api()).post('/v2/keypairs', { name, public_key: key.publicKey });
      if ('privateKey' in key) print(key.privateKey.trimEnd());
    });
  subcommand(program, 'keypair-delete', 'forget a key')
    .argument('<name>')
    .action(async (name: string) => {
      await (await api()).delete(`/v2/keypairs/${encodeURIComponent(name)}`);
    });
  return program;
}

/** Waits until an instance is there. @throws LabError `lab-failed` when it never will be */
async function built(api: ApiClient, { id, name }: CloudInstance): Promise<string> {
  let last = 'BUILD';
  const instance = await waitFor(
    `instance ${name} to be built`,
    async () => {
      const now = await api.get<CloudInstance>(`/v2/servers/${id}`);
      last = `${now.status} ${now.task_state ?? ''}`;
      return now.status === 'BUILD' ? undefined : now;
    },
    { timeoutMs: pollTimeoutMs, lastSeen: () => last },
  );
  if (instance.status === 'ACTIVE') return 'Server building... 100% complete\nFinished';
  throw new LabError('lab-failed', `instance ${name} is in ERROR: ${instance.fault}`, {
    remedy: `nova show ${name}; nova delete ${name} takes it away`,
  });
}

/** An instance in the names of Nova's own properties. */
function shown(instance: CloudInstance): string {
  const { addresses, node, fault, status, task_state, power_state, key_name, ...rest } = instance;
  return propertyTable(['Property', 'Value'], {
    ...rest,
    status,
    key_name: key_name ?? '-',
    'OS-EXT-STS:task_state': task_state ?? '-',
    'OS-EXT-STS:power_state': power_state,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': node ?? '-',
    ...Object.fromEntries(Object.entries(addresses).map(([name, ip]) => [`${name} network`, ip])),
    ...(fault === null ? {} : { fault }),
  });
}

async function newKey(name: string): Promise<{ readonly publicKey: string; readonly privateKey: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'lab-key-'));
  try {
    const file = join(folder, 'key');
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    return { publicKey: readFileSync(`${file}.pub`, 'utf8'), privateKey: readFileSync(file, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LabError('usage', `cannot read the public key ${file}`, { cause });
  }
}

import { LabError } from '../../errors.ts';
import { type BootDev, firstBootDevice, macsOf, withOnlyBootDevice } from '../../libvirt/boot-order.ts';
import { shellQuote } from '../../linux/shell-quote.ts';
import { waitFor } from '../../wait.ts';
import type { BootDevice, ManagementInterface, PowerInterface } from '../drivers/interfaces.ts';
import type { Node } from '../node.ts';
import type { PowerState } from '../states.ts';
import { overSsh } from './ssh-connection.ts';

/** As Juno's SSH driver calls virsh (ironic/drivers/modules/ssh.py, _get_command_sets). */
const virsh = 'LC_ALL=C /usr/bin/virsh --connect qemu:///system';

/** How long a commanded power state may take to be seen, in ms. */
const powerTimeoutMs = 30_000;

/** libvirt's word for each boot device (formatdomain, os/boot). */
const libvirtDevices: ReadonlyMap<BootDevice, BootDev> = new Map([
  ['pxe', 'network'],
  ['disk', 'hd'],
  ['cdrom', 'cdrom'],
]);

type Execute = (command: string) => Promise<string>;

/** The domain that has the node's MAC. Names are not trusted, but the likeliest is looked at first. */
async function domainOf(
  node: Node,
  execute: Execute,
): Promise<{ readonly name: string; readonly xml: string }> {
  const likeliest = await execute(`${virsh} dumpxml ${shellQuote(node.name)} 2>/dev/null || true`);
  if (likeliest !== '' && macsOf(likeliest).includes(node.mac)) return { name: node.name, xml: likeliest };
  const names = (await execute(`${virsh} list --all --name`)).split('\n').filter((name) => name !== '');
  for (const name of names) {
    const xml = await execute(`${virsh} dumpxml ${shellQuote(name)}`);
    if (macsOf(xml).includes(node.mac)) return { name, xml };
  }
  throw new LabError(
    'lab-failed',
    `node ${node.name}: no domain on ${node.driver_info.ssh_address} has the MAC ${node.mac} (there are ${names.join(', ') || 'none'})`,
    { remedy: "correct the node's port, or define the domain" },
  );
}

async function powerState(name: string, execute: Execute): Promise<PowerState> {
  const state = (await execute(`${virsh} domstate ${shellQuote(name)}`)).trim();
  if (state === 'shut off' || state === 'crashed') return 'power off';
  return state === 'running' || state === 'paused' || state === 'in shutdown' ? 'power on' : 'error';
}

function validate(node: Node): void {
  const { ssh_address, ssh_username, ssh_key_filename } = node.driver_info;
  const missing = Object.entries({ ssh_address, ssh_username, ssh_key_filename }).filter(
    ([, value]) => !value,
  );
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name).join(', ');
  throw new LabError(
    'usage',
    `node ${node.name} lacks ${names} in its driver_info, which its SSH power needs`,
  );
}

/** Power through virsh over SSH, for nodes that are VMs. */
export const sshPower: PowerInterface = {
  validate,
  getPowerState: (node) =>
    overSsh(node.driver_info, async (execute) => powerState((await domainOf(node, execute)).name, execute)),
  setPowerState: (node, state) =>
    overSsh(node.driver_info, async (execute) => {
      const { name } = await domainOf(node, execute);
      if ((await powerState(name, execute)) === state) return;
      await execute(`${virsh} ${state === 'power on' ? 'start' : 'destroy'} ${shellQuote(name)}`);
      await waitFor(
        `node ${node.name} to be in state "${state}"`,
        async () => ((await powerState(name, execute)) === state ? true : undefined),
        { timeoutMs: powerTimeoutMs },
      );
    }),
};

/** Boot device by editing the domain, which then has that one alone, as in Juno; it is always persistent. */
export const sshManagement: ManagementInterface = {
  bootDevices: [...libvirtDevices.keys()],
  setBootDevice: (node, device) =>
    overSsh(node.driver_info, async (execute) => {
      const word = libvirtDevices.get(device);
      if (word === undefined) {
        throw new LabError(
          'usage',
          `node ${node.name}: a libvirt domain cannot be told to boot from ${device}`,
        );
      }
      const { xml } = await domainOf(node, execute);
      const edited = Buffer.from(withOnlyBootDevice(xml, word)).toString('base64');
      await execute(
        `f=$(mktemp) && echo ${edited} | base64 -d > $f && ${virsh} define $f; s=$?; rm -f $f; exit $s`,
      );
    }),
  getBootDevice: (node) =>
    overSsh(node.driver_info, async (execute) => {
      const first = firstBootDevice((await domainOf(node, execute)).xml);
      const device = [...libvirtDevices].find(([, word]) => word === first)?.[0] ?? null;
      return { device, persistent: true };
    }),
};

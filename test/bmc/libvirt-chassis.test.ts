import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BootTarget } from '../../src/bmc/chassis.ts';
import { connectIpmi, type IpmiClient } from '../../src/bmc/client.ts';
import { readLog } from '../../src/bmc/client-inventory.ts';
import { readBoot, readPower, setBoot, setPower } from '../../src/bmc/client-power.ts';
import { LibvirtChassis } from '../../src/bmc/libvirt-chassis.ts';
import { openSol } from '../../src/bmc/sol-client.ts';
import { bootsByEfi, firstBootDevice } from '../../src/libvirt/boot-order.ts';
import { type Domain, domainXml } from '../../src/libvirt/domain-xml.ts';
import { startLibvirtd } from '../../src/libvirt/libvirtd.ts';
import {
  domainXmlOf,
  type LibvirtConnection,
  virsh,
  virshWithXml,
  xmlFile,
} from '../../src/libvirt/virsh.ts';
import { createHost, enter, type Host, runIn, seenFromOutside } from '../../src/linux/host.ts';
import { endHosts } from '../../src/linux/host-processes.ts';
import { waitFor } from '../../src/wait.ts';
import { serveTestBmc, type TestBmc } from './serve.ts';

const name = 'server-1';
const bootTimeoutMs = 30_000;
const bootedFromDisk = 'BOOTED FROM DISK';
const bootedFromNetwork = 'iPXE';

/**
 * A boot sector that says so on the serial port, echoes what is typed there, and resets the machine at `R`.
 */
function bootSector(): Buffer {
  const code = Buffer.from(
    [
      'fa 31c0 8ed8 be407c', // no interrupts, DS = 0, SI = 7C40 (the message)
      'ac 84c0 7412 88c4', // the message's next character
      'bafd03 ec a820 74fb', // wait until the port takes one: what comes sooner is lost
      '88e0 baf803 ee ebe9', // say it
      'bafd03 ec a801 74f8', // wait for a character
      'baf803 ec ee 3c52 75ef', // echo it; anything but R: the next one
      'b0fe e664 f4', // reset by the keyboard controller
    ]
      .join('')
      .replaceAll(' ', ''),
    'hex',
  );
  const sector = Buffer.alloc(512);
  code.copy(sector);
  sector.write(`${bootedFromDisk}\r\n\0`, 0x40, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

let folder: string;
let host: Host;
let connection: LibvirtConnection;
let bmc: TestBmc;
let client: IpmiClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'libvirt-chassis-'));
  const hostFolder = join(folder, 'rack');
  mkdirSync(hostFolder);
  host = await createHost({ name: 'rack', folder: hostFolder });
  const disk = '/var/lib/libvirt/disk.img';
  writeFileSync(seenFromOutside(host, disk), Buffer.concat([bootSector()], 1024 * 1024));
  await runIn(host, ['ip', 'link', 'add', 'br0', 'up', 'type', 'bridge']);
  const domain: Domain = {
    name,
    uuid: '3f2b7c10-9d4e-4a5b-8c6d-0123456789ab',
    memoryMib: 64,
    cpus: 1,
    firmware: 'bios',
    disk,
    bootDevice: 'hd',
    nic: { mac: '52:54:00:00:00:01', device: 'vnet-test', bridge: 'br0', hasOptionRom: true },
  };
  const xml = domainXml(domain, 'tcg');
  // QEMU takes up to a second to notice that somebody opened a pty, and drops what the machine says until then.
  // A machine that boots in less is heard from its first word on through a socket.
  const socket = `<serial type="unix"><source mode="bind" path="/run/serial.sock"/>`;
  await startLibvirtd(host, {
    [name]: xml.replace('<serial type="pty">', socket).replace(/<console[\s\S]*<\/console>/, ''),
  });
  connection = { uri: 'qemu:///system', prefix: enter(host), root: seenFromOutside(host, '') };
  bmc = await serveTestBmc({ chassis: new LibvirtChassis(connection, name) });
  client = await connectIpmi({ ...bmc.admin, privilege: 4 });
});

afterAll(async () => {
  await client?.close();
  await bmc?.served.close();
  await endHosts(folder);
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  if ((await readPower(client)) === 'on') await setPower(client, 'off', 5_000);
  await setBoot(client, { device: 'disk', efi: false }, true);
  await setBoot(client, undefined, false);
});

/** What the serial console says from now on, over SOL. */
async function listen() {
  let seen = '';
  const sol = await openSol(client, {
    data: (characters) => {
      seen += characters.toString('latin1');
    },
    ended: () => {},
  });
  return {
    ...sol,
    /** Resolves when the text has come, and forgets it. */
    see: (text: string) =>
      waitFor(
        `"${text}" on the serial console`,
        () => {
          const at = seen.indexOf(text);
          if (at === -1) return undefined;
          seen = seen.slice(at + text.length);
          return true;
        },
        { timeoutMs: bootTimeoutMs, lastSeen: () => JSON.stringify(seen.slice(-300)) },
      ),
  };
}

async function domainState(): Promise<string> {
  return (await virsh(connection, ['domstate', name])).stdout.trim();
}

const pxe: BootTarget = { device: 'pxe', efi: false };

test('the power is what libvirt says it is', async () => {
  expect(await readPower(client)).toBe('off');
  await setPower(client, 'on', 5_000);
  expect(await domainState()).toBe('running');
  await setPower(client, 'off', 5_000);
  expect(await domainState()).toBe('shut off');
});

test('a change of power from outside is seen, and logged', async () => {
  await virsh(connection, ['start', name]);
  await waitFor(
    'the log to tell of the power',
    async () => {
      const events = (await readLog(client)).map(({ sensor, event }) => `${sensor} ${event}`);
      return events.at(-1) === 'Power State #1 on' || undefined;
    },
    { timeoutMs: 5_000 },
  );
});

test('power-on is refused when libvirt cannot start the machine', async () => {
  await runIn(host, ['mv', '/var/lib/libvirt/disk.img', '/var/lib/libvirt/gone.img']);
  try {
    await expect(setPower(client, 'on', 1_000)).rejects.toThrow('the BMC failed to carry it out');
    expect(await domainState()).toBe('shut off');
  } finally {
    await runIn(host, ['mv', '/var/lib/libvirt/gone.img', '/var/lib/libvirt/disk.img']);
  }
});

describe('the serial console', () => {
  test('talks both ways, through a boot and after', async () => {
    const sol = await listen();
    try {
      await setPower(client, 'on', 5_000);
      await sol.see(bootedFromDisk);
      sol.write(Buffer.from('over the wire'));
      await sol.see('over the wire');
    } finally {
      await sol.close();
    }
  });

  test('may be a pty', async () => {
    const own = await domainXmlOf(connection, name, 'inactive');
    await virshWithXml(
      connection,
      ['define', xmlFile],
      own.replace(/<serial[\s\S]*<\/console>/, '<serial type="pty"/>'),
    );
    try {
      await setPower(client, 'on', 5_000);
      const sol = await listen();
      try {
        // Typed again until the machine has booted far enough to echo it.
        const typing = setInterval(() => sol.write(Buffer.from('typed')), 200);
        await sol.see('typed').finally(() => clearInterval(typing));
      } finally {
        await sol.close();
      }
    } finally {
      await virshWithXml(connection, ['define', xmlFile], own);
    }
  });

  test('is there again after the power was off', async () => {
    await setPower(client, 'on', 5_000);
    const sol = await listen();
    try {
      await setPower(client, 'cycle', 10_000);
      await sol.see(bootedFromDisk);
      await setPower(client, 'reset', 10_000);
      await sol.see(bootedFromDisk);
    } finally {
      await sol.close();
    }
  });
});

describe('the boot device', () => {
  test('once: one boot from the network, then the machine resets itself and boots from its disk', async () => {
    const sol = await listen();
    try {
      await setBoot(client, pxe, false);
      await setPower(client, 'on', 5_000);
      await sol.see(bootedFromNetwork);
      expect(firstBootDevice(await domainXmlOf(connection, name, 'inactive'))).toBe('hd');
      // The machine may be that far before its BMC has seen it run.
      await waitFor('the flags to be used up', async () => !(await readBoot(client)).valid || undefined, {
        timeoutMs: 10_000,
      });
      await setPower(client, 'reset', 10_000);
      await sol.see(bootedFromDisk);
    } finally {
      await sol.close();
    }
  });

  test('once from disk, and a reset from inside boots from the network again', async () => {
    const sol = await listen();
    try {
      await setBoot(client, pxe, true);
      await setBoot(client, { device: 'disk', efi: false }, false);
      await setPower(client, 'on', 5_000);
      await sol.see(bootedFromDisk);
      sol.write(Buffer.from('R'));
      await sol.see(bootedFromNetwork);
    } finally {
      await sol.close();
    }
  });

  test('once, asked for while the machine runs, counts for the reset', async () => {
    await setPower(client, 'on', 5_000);
    const sol = await listen();
    try {
      await setBoot(client, pxe, false);
      await setPower(client, 'reset', 10_000);
      await sol.see(bootedFromNetwork);
      expect((await readBoot(client)).valid).toBe(false);
    } finally {
      await sol.close();
    }
  });

  test('for good: kept in the domain itself, and known to the running machine', async () => {
    await setPower(client, 'on', 5_000);
    const sol = await listen();
    try {
      await setBoot(client, pxe, true);
      expect(firstBootDevice(await domainXmlOf(connection, name, 'inactive'))).toBe('network');
      await setPower(client, 'reset', 10_000);
      await sol.see(bootedFromNetwork);
    } finally {
      await sol.close();
    }
  });

  test('by UEFI for one boot', async () => {
    await setBoot(client, { device: 'disk', efi: true }, false);
    await setPower(client, 'on', 5_000);
    expect(bootsByEfi(await domainXmlOf(connection, name, 'live'))).toBe(true);
    expect(bootsByEfi(await domainXmlOf(connection, name, 'inactive'))).toBe(false);
  });
});

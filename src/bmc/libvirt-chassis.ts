import { LabError } from '../errors.ts';
import {
  type BootDev,
  type BootWish,
  bootIndexes,
  bootsByEfi,
  firstBootDevice,
  withBootDevice,
} from '../libvirt/boot-order.ts';
import { onDomainEvents } from '../libvirt/domain-events.ts';
import {
  domainXmlOf,
  type LibvirtConnection,
  qemuMonitor,
  virsh,
  virshCommands,
  virshWithXml,
  xmlFile,
} from '../libvirt/virsh.ts';
import type { Finished } from '../linux/process.ts';
import { waitFor } from '../wait.ts';
import type {
  BootDevice,
  BootTarget,
  Chassis,
  ConsoleListener,
  ConsoleStream,
  PowerState,
} from './chassis.ts';
import { openLibvirtConsole } from './libvirt-console.ts';

/** How long libvirt may take to show an effect that it has acknowledged. */
const effectTimeoutMs = 10_000;
const startTimeoutMs = 60_000;

/** `virsh domstate` of a machine without power. */
const offStates = ['shut off', 'crashed'];

const bootDevs: Readonly<Record<BootDevice, BootDev | undefined>> = {
  pxe: 'network',
  disk: 'hd',
  safe: 'hd',
  diag: 'hd',
  cdrom: 'cdrom',
  floppy: 'fd',
  bios: undefined,
};

function wishOf(target: BootTarget): BootWish {
  return { first: bootDevs[target.device], efi: target.efi, menu: target.device === 'bios' };
}

/** What `virsh domstate` answered, as the last of a virsh's commands. */
function lastState({ stdout }: Finished): PowerState {
  return offStates.includes(stdout.trim().split('\n').at(-1) ?? '') ? 'off' : 'on';
}

/** Of several commands one may have failed and virsh have gone on. @throws LabError `lab-failed` with virsh's words */
function requireNoError({ argv, stderr }: Finished): void {
  const error = /^error: .*/m.exec(stderr)?.[0];
  if (error) throw new LabError('lab-failed', `virsh "${argv.at(-1)}": ${error}`);
}

/** A libvirt domain under a BMC. */
export class LibvirtChassis implements Chassis {
  readonly #connection: LibvirtConnection;
  readonly #domain: string;
  readonly #openConsole: ((listener: ConsoleListener) => Promise<ConsoleStream>) | undefined;

  /** @param openConsole opens the serial console where it is shared with others; without it the port itself is */
  constructor(
    connection: LibvirtConnection,
    domain: string,
    openConsole?: (listener: ConsoleListener) => Promise<ConsoleStream>,
  ) {
    this.#connection = connection;
    this.#domain = domain;
    this.#openConsole = openConsole;
  }

  async powerState(): Promise<PowerState> {
    return lastState(await this.#virsh('domstate'));
  }

  async powerOn(boot: BootTarget | undefined, powered: () => Promise<void>): Promise<void> {
    const own = await this.#xml('inactive');
    if (boot) {
      // Created from another document, a defined domain runs by that one and keeps its own: the next start is by
      // its own again, whatever becomes of this process meanwhile.
      const xml = withBootDevice(own, wishOf(boot));
      await virshWithXml(this.#connection, ['create', '--paused', xmlFile], xml, {
        timeoutMs: startTimeoutMs,
      });
    } else await this.#virsh('start', ['--paused'], startTimeoutMs);
    if (boot) await this.#setBootIndexes(own);
    await powered();
    await this.#bring('on', 'resume');
  }

  async powerOff(): Promise<void> {
    await this.#bring('off', 'destroy');
  }

  async reset(boot: BootTarget | undefined, powered: () => Promise<void>): Promise<void> {
    if (boot) {
      await this.powerOff();
      await this.powerOn(boot, powered);
      return;
    }
    await this.#bring('on', 'reset');
  }

  async requestShutdown(): Promise<void> {
    await this.#virsh('shutdown', ['--mode', 'acpi']);
  }

  async diagnosticInterrupt(): Promise<void> {
    await this.#virsh('inject-nmi');
  }

  async setBootDevice(target: BootTarget): Promise<void> {
    const wish = wishOf(target);
    const xml = withBootDevice(await this.#xml('inactive'), wish);
    const line = virshCommands([
      ['define', xmlFile],
      ['dumpxml', this.#domain, '--inactive', '--security-info'],
      ['domstate', this.#domain],
    ]);
    const finished = await virshWithXml(this.#connection, [line], xml);
    requireNoError(finished);
    const { stdout } = finished;
    const seen = stdout.slice(stdout.indexOf('<domain'), stdout.lastIndexOf('>') + 1);
    const isDone =
      (wish.first === undefined || firstBootDevice(seen) === wish.first) && (!wish.efi || bootsByEfi(seen));
    if (!isDone) {
      throw new LabError('lab-failed', `libvirt took a boot device for ${this.#domain} but did not keep it`);
    }
    if (lastState(finished) === 'on') await this.#setBootIndexes(seen);
  }

  openConsole(listener: ConsoleListener): Promise<ConsoleStream> {
    return this.#openConsole?.(listener) ?? openLibvirtConsole(this.#connection, this.#domain, listener);
  }

  watchPower(changed: (state: PowerState) => void): () => void {
    return onDomainEvents(this.#connection, (domain, event) => {
      if (domain !== this.#domain) return;
      if (event === 'Started') changed('on');
      else if (event === 'Stopped' || event === 'Crashed') changed('off');
    });
  }

  /** A machine that resets itself boots as `xml` says, without QEMU having been started anew. */
  async #setBootIndexes(xml: string): Promise<void> {
    for (const { alias, index } of bootIndexes(await this.#xml('live'), xml)) {
      const path = `/machine/peripheral/${alias}`;
      await qemuMonitor(this.#connection, this.#domain, 'qom-set', {
        path,
        property: 'bootindex',
        value: index,
      });
    }
  }

  #xml(which: 'live' | 'inactive'): Promise<string> {
    return domainXmlOf(this.#connection, this.#domain, which);
  }

  #virsh(command: string, words: readonly string[] = [], timeoutMs?: number) {
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    return virsh(this.#connection, [command, this.#domain, ...words], options);
  }

  /** Gives a command and reads its effect by the same virsh: a process for each takes longer than what it does. */
  async #bring(wanted: PowerState, command: string): Promise<void> {
    const line = virshCommands([
      [command, this.#domain],
      ['domstate', this.#domain],
    ]);
    const finished = await virsh(this.#connection, [line]);
    requireNoError(finished);
    if (lastState(finished) !== wanted) await this.#await(wanted);
  }

  async #await(wanted: PowerState): Promise<void> {
    let seen: PowerState | undefined;
    await waitFor(
      `the domain ${this.#domain} to be ${wanted}`,
      async () => {
        seen = await this.powerState();
        return seen === wanted || undefined;
      },
      { timeoutMs: effectTimeoutMs, lastSeen: () => `${seen}` },
    );
  }
}

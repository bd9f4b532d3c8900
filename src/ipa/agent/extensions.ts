import type { Extension } from './commands.ts';
import { Disk } from './disk.ts';
import { AgentError } from './errors.ts';
import { parseImageInfo } from './image-info.ts';
import { textOf } from './json.ts';
import { log } from './log.ts';
import type { NodeContext } from './machine.ts';
import { sectorSize } from './partition.ts';
import { parsePartitionTable, tableLength } from './partition-table.ts';
import { putOnDisk, standbyExtension } from './standby.ts';
import { type Step, stepsExtension } from './steps.ts';

/** What a label of a file system, RAID or partition table may occupy at either end of a disk or partition. */
const metadataLength = 2 ** 20;

/** Everything that Ironic can order, by extension. */
export function extensions(context: NodeContext): Readonly<Record<string, Extension>> {
  return {
    standby: standbyExtension(context),
    deploy: stepsExtension('deploy', deploySteps(context), context),
    clean: stepsExtension('clean', cleanSteps(context), context),
    image: {
      install_bootloader: {
        mode: 'async',
        run: () => {
          const message =
            "the whole-disk image boots by its own boot loader, from its partition table's place for it";
          log(message);
          return message;
        },
      },
    },
    log: {
      collect_system_logs: {
        mode: 'sync',
        run: async () => ({ system_logs: (await context.machine.collectLogs()).toString('base64') }),
      },
    },
    rescue: {
      finalize_rescue: {
        mode: 'sync',
        run: async ({ rescue_password: password, hashed }) => {
          const given = textOf(password);
          if (!given) throw new AgentError('InvalidCommandParamsError', 'rescue_password is missing');
          const { machine } = context;
          const hash = hashed === true ? given : await machine.hashPassword(given);
          context.afterAnswers(() => machine.startRescue(hash));
          return null;
        },
      },
    },
  };
}

function deploySteps(context: NodeContext): Step[] {
  return [
    {
      name: 'write_image',
      priority: 0,
      run: (args) => putOnDisk(context, parseImageInfo(args.image_info, args.configdrive)),
    },
    { name: 'erase_devices_metadata', priority: 0, run: () => eraseMetadata(context) },
  ];
}

function cleanSteps(context: NodeContext): Step[] {
  return [
    { name: 'erase_devices_metadata', priority: 99, abortable: true, run: () => eraseMetadata(context) },
    // As long as its disks are large: only when it is asked for by name.
    { name: 'erase_devices', priority: 0, abortable: true, run: () => eraseAll(context) },
  ];
}

async function eraseMetadata(context: NodeContext): Promise<null> {
  await eachDisk(context, async (disk) => {
    const table = parsePartitionTable(await disk.read(0, tableLength));
    const inner = (table?.partitions ?? []).map(({ start, sectors }) => [
      start * sectorSize,
      sectors * sectorSize,
    ]);
    for (const [start = 0, length = 0] of [...inner, [0, disk.size]]) {
      await disk.zero(start, Math.min(length, metadataLength));
      await disk.zero(Math.max(start, start + length - metadataLength), Math.min(length, metadataLength));
    }
  });
  return null;
}

async function eraseAll(context: NodeContext): Promise<null> {
  await eachDisk(context, (disk) => disk.zero(0, disk.size));
  return null;
}

async function eachDisk({ machine }: NodeContext, erase: (disk: Disk) => Promise<void>): Promise<void> {
  for (const { name } of machine.disks()) {
    const disk = await Disk.open(name);
    try {
      await erase(disk);
      await disk.sync();
      log(`${name} erased`);
    } catch (error) {
      throw new AgentError('BlockDeviceEraseError', `${name}: ${String(error)}`, { cause: error });
    } finally {
      await disk.close();
    }
  }
}

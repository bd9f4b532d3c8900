import type { Extension } from './commands.ts';
import { writeConfigDrive } from './config-drive.ts';
import { Disk } from './disk.ts';
import { type ImageInfo, parseImageInfo } from './image-info.ts';
import type { Json } from './json.ts';
import { log } from './log.ts';
import { type NodeContext, rootDevice } from './machine.ts';
import { megabytesPerSecond, writeImage } from './write-image.ts';

/** Extension `standby`: images in the dialect of Juno, and the end of a deploy in both. */
export function standbyExtension(context: NodeContext): Extension {
  let cachedImage: string | undefined;
  return {
    cache_image: {
      mode: 'async',
      check: (given) => void parseImageInfo(given.image_info),
      run: async (given) => {
        const info = parseImageInfo(given.image_info);
        if (cachedImage === info.id && given.force !== true)
          return `image (${info.id}) already present on device ${rootDevice(context).name}`;
        cachedImage = undefined;
        const result = await putOnDisk(context, info, 'cached to');
        cachedImage = info.id;
        return result;
      },
    },
    prepare_image: {
      mode: 'async',
      check: (given) => void parseImageInfo(given.image_info, given.configdrive),
      run: async (given) => {
        const info = parseImageInfo(given.image_info, given.configdrive);
        if (cachedImage !== info.id) return putOnDisk(context, info, 'written to');
        await putConfigDrive(context, info);
        return `image (${info.id}) written to device ${rootDevice(context).name}`;
      },
    },
    run_image: { mode: 'async', run: () => end(context, context.machine.reboot) },
    power_off: { mode: 'async', run: () => end(context, context.machine.powerOff) },
    sync: { mode: 'sync', run: () => null },
    // Only partition images have partitions that the agent made.
    get_partition_uuids: { mode: 'sync', run: () => ({}) },
  };
}

/**
 * Writes the image and its config drive to the root device.
 *
 * @returns the sentence that ironic-python-agent ends with, and how fast it was
 */
export async function putOnDisk(context: NodeContext, info: ImageInfo, verb = 'written to'): Promise<string> {
  const disk = await Disk.open(rootDevice(context).name);
  try {
    const { received, size, ms } = await writeImage(info, disk, context.insecure);
    if (info.configDrive) await writeConfigDrive(info.configDrive, disk, context.insecure);
    const speed = `${received} bytes in ${(ms / 1000).toFixed(2)} s, ${megabytesPerSecond(received, ms)} MB/s`;
    const message = `image (${info.id}) ${verb} device ${disk.name}; ${speed}, ${size} bytes on the disk`;
    log(message);
    return message;
  } finally {
    await disk.close();
  }
}

async function putConfigDrive(context: NodeContext, info: ImageInfo): Promise<void> {
  if (!info.configDrive) return;
  const disk = await Disk.open(rootDevice(context).name);
  try {
    await writeConfigDrive(info.configDrive, disk, context.insecure);
  } finally {
    await disk.close();
  }
}

function end(context: NodeContext, act: () => void): Json {
  context.afterAnswers(act);
  return null;
}

import { Command } from 'commander';
import { LabError } from '../errors.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

function buildCommand(): Command {
  const command = new Command('build')
    .summary('make the images of the lab')
    .description(
      'Makes the deploy ramdisk and a small operating system from Debian packages, without root. What has been ' +
        'made from the same packages is not made again.',
    )
    .option(
      '--kernel <package>',
      'a package that depends on a kernel, such as linux-image-amd64 for real servers',
    );
  return withCommonOptions(command).action(async (options: CommonOptions & { readonly kernel?: string }) => {
    const { buildImages } = await import('../ironic/images/build.ts');
    const { imageLines } = await import('../report/image-text.ts');
    const progress = progressFor(options);
    const images = await buildImages(progress, options.kernel ? { kernelPackage: options.kernel } : {});
    if (options.json) printJson('image-build', { images, steps: progress.steps });
    else process.stdout.write(imageLines(images));
  });
}

function addCommand(): Command {
  const command = new Command('add')
    .summary('take in an image of your own')
    .description(
      'Copies a whole-disk image, qcow2 or raw, to where nodes boot from. Its name is that of its file.',
    )
    .argument('<file>', 'the image');
  return withCommonOptions(command).action(async (file: string, options: CommonOptions) => {
    const { importImage } = await import('../ironic/images/import.ts');
    const { ImageStore } = await import('../ironic/images/store.ts');
    const { imageLines } = await import('../report/image-text.ts');
    const image = await progressFor(options).step(`image ${file}`, () => importImage(new ImageStore(), file));
    if (options.json) printJson('image', { image });
    else process.stdout.write(imageLines([image]));
  });
}

function listCommand(): Command {
  const command = new Command('list')
    .summary('the images there are')
    .description('The images there are, newest first.');
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const { ImageStore } = await import('../ironic/images/store.ts');
    const { imageLines } = await import('../report/image-text.ts');
    const images = new ImageStore().list();
    if (options.json) printJson('image-list', { images });
    else process.stdout.write(imageLines(images));
  });
}

function showCommand(): Command {
  const command = new Command('show')
    .summary('what an image is made of')
    .description(
      'What an image is made of: its files with their sizes and sums, and the versions of its packages.',
    )
    .argument('<image>', 'a name, or the beginning of an id');
  return withCommonOptions(command).action(async (which: string, options: CommonOptions) => {
    const { ImageStore } = await import('../ironic/images/store.ts');
    const { imageText } = await import('../report/image-text.ts');
    const image = new ImageStore().get(which);
    if (options.json) printJson('image', { image });
    else process.stdout.write(imageText(image));
  });
}

function removeCommand(): Command {
  const command = new Command('rm')
    .summary('remove images')
    .description('Removes images. Those of the lab are made again when they are needed.')
    .argument('[image...]', 'names, or beginnings of ids')
    .option('--all', 'every image')
    .option('--old', 'every image of which there is a newer one');
  return withCommonOptions(command).action(
    async (which: string[], options: CommonOptions & { readonly all?: boolean; readonly old?: boolean }) => {
      const { ImageStore } = await import('../ironic/images/store.ts');
      const store = new ImageStore();
      if (which.length === 0 && !options.all && !options.old)
        throw new LabError('usage', 'say which images: names, ids, --old or --all');
      const images = store.list();
      const old = images.filter(({ id, name }) => store.newest(name)?.id !== id);
      const chosen = options.all
        ? images
        : [...(options.old ? old : []), ...which.map((each) => store.get(each))];
      for (const image of chosen) store.remove(image);
      const removed = [...new Set(chosen.map(({ name, id }) => `${name} (${id})`))];
      if (options.json) printJson('image-rm', { removed });
      else for (const each of removed) progressFor(options).note(`removed ${each}`);
    },
  );
}

export function imageCommand(): Command {
  return new Command('image')
    .summary('the images that nodes boot from')
    .description(
      'The images that nodes boot from: the deploy ramdisk, the small operating system, and your own.',
    )
    .addCommand(buildCommand())
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(removeCommand());
}

import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { LabError } from '../../errors.ts';
import { megabytesPerSecond } from '../../ipa/agent/write-image.ts';
import type { Conductor } from '../conductor/conductor.ts';
import type { DeployInterface, VendorInterface } from '../drivers/interfaces.ts';
import type { Node } from '../node.ts';
import type { BootConfiguration } from '../pxe/templates.ts';
import { writeToken } from '../pxe/tree.ts';
import { servicePorts } from '../service-ports.ts';
import { type BootEnvironment, consoleArguments } from './boot-environment.ts';
import { bootFromDisk, bootInto } from './boot-into.ts';
import { ImageChecks } from './image-check.ts';
import { writeRootPartition, writeWholeDisk } from './iscsi.ts';

/** How long a ramdisk that has called may take to take the word that its disk is written, in ms. */
const doneTimeoutMs = 30_000;

function iqn(node: Node): string {
  return `iqn.2008-10.org.openstack:${node.uuid}`;
}

/**
 * Deployment by PXE and iSCSI (ironic/drivers/modules/pxe.py of 2014.2.1): the ramdisk exports the node's disk, the
 * conductor writes a root partition to it, and the node boots kernel and ramdisk over the network from then on. A
 * whole-disk image, which Ironic's PXE deploy takes since Kilo, is written whole, and the node boots from its own disk.
 */
export function pxeDeploy(
  conductor: Conductor,
  environment: BootEnvironment,
): { readonly deploy: DeployInterface; readonly vendor: VendorInterface } {
  const configuration = (node: Node, entry: 'deploy' | 'boot'): BootConfiguration => {
    const { deploy_key = '', root_uuid } = conductor.current(node).driver_internal_info;
    return {
      uuid: node.uuid,
      default: entry,
      deploy: {
        kernel: 'deploy_kernel',
        ramdisk: 'deploy_ramdisk',
        arguments: [
          consoleArguments,
          'selinux=0',
          'disk=cciss/c0d0,sda,hda,vda',
          `iscsi_target_iqn=${iqn(node)}`,
          `deployment_id=${node.uuid}`,
          `deployment_key=${deploy_key}`,
          `ironic_api_url=${environment.apiUrl(node)}`,
          'troubleshoot=0',
        ].join(' '),
      },
      boot: root_uuid
        ? { kernel: 'kernel', ramdisk: 'ramdisk', arguments: `${consoleArguments} root=UUID=${root_uuid} ro` }
        : undefined,
    };
  };

  const offer = async (node: Node, entry: 'deploy' | 'boot') => {
    const image = imageOf(node);
    const { kernel, iscsi } = environment.images.deployRamdisk();
    const own = image.kind === 'partition' ? { kernel: image.kernel, ramdisk: image.ramdisk } : {};
    await environment.offer(
      node,
      { deploy_kernel: kernel, deploy_ramdisk: iscsi, ...own },
      configuration(node, entry),
    );
  };

  const imageOf = (node: Node) => environment.images.overIscsi(node.instance_info?.image ?? '');

  const checks = new ImageChecks();
  /** Sums the image up, unless it has not changed since the last time. */
  const check = async (node: Node): Promise<void> => {
    const { image: name = '', checksum } = node.instance_info ?? {};
    const { file, sha256 } = imageOf(node);
    const expected = checksum
      ? ({ algorithm: 'md5', value: checksum, said: 'was asked for' } as const)
      : ({ algorithm: 'sha256', value: sha256, said: storedSum(name) } as const);
    await checks.check(name, environment.images.path(file), expected);
  };

  const write = async (node: Node, address: string): Promise<void> => {
    // It was checked before the node was booted, and may have been changed since.
    await check(node);
    const image = imageOf(node);
    const target = { address, iqn: iqn(node) };
    const file = environment.images.path(image.file);
    const configDrive = node.instance_info?.configdrive ?? null;
    const start = performance.now();
    if (image.kind === 'whole-disk') await writeWholeDisk(target, { ...image, file }, configDrive);
    else remember(node, { root_uuid: await writeRootPartition(target, file, configDrive) });
    const ms = performance.now() - start;
    const bytes = statSync(file).size;
    const speed = `${bytes} bytes in ${(ms / 1000).toFixed(1)} s, ${megabytesPerSecond(bytes, ms)} MB/s`;
    conductor.phase(node, 'image written', `${image.kind} by iSCSI: ${speed}`);
    await finish(node, () => sayDone(node, address));
  };

  /** Has the node boot from its own disk, or by the network into its root, for which its ramdisk restarts it. */
  const finish = async (node: Node, restart: () => Promise<void>): Promise<void> => {
    if (imageOf(node).kind === 'whole-disk') {
      await bootFromDisk(conductor, environment, node);
      return;
    }
    environment.configure(node, configuration(node, 'boot'));
    await restart();
    conductor.phase(node, 'first boot');
    conductor.move(node, 'done');
  };

  const remember = (node: Node, change: Node['driver_internal_info']) => {
    const { driver_internal_info } = conductor.current(node);
    conductor.update(node, { driver_internal_info: { ...driver_internal_info, ...change } });
  };

  const deploy: DeployInterface = {
    validate: (node) => {
      environment.address(node);
      imageOf(node);
    },
    prepare: async (node) => {
      const deploy_key = randomBytes(16).toString('hex');
      remember(node, { deploy_key });
      await offer(node, 'deploy');
      writeToken(node, deploy_key);
    },
    deploy: async (node) => {
      // As Ironic fetches and checks an image before it boots a node for it (iscsi_deploy.cache_instance_image).
      await check(node);
      await bootInto(conductor, node, 'pxe');
      return 'wait call-back';
    },
    resume: async (node) => {
      const { ramdisk_address, phases = [] } = node.driver_internal_info;
      if (!ramdisk_address) return false;
      if (phases.some(({ name }) => name === 'image written')) {
        // Whether the ramdisk was told is not known: one that does not listen any more has restarted the node.
        await finish(node, () =>
          sayDone(node, ramdisk_address).catch(() => bootInto(conductor, node, 'pxe')),
        );
        return true;
      }
      // The ramdisk still waits to be told that its disk is written; writing it again from the start is safe.
      await write(node, ramdisk_address);
      return true;
    },
    // A ramdisk whose call was not answered calls again.
    resumeWaiting: async () => false,
    tearDown: async (node) => {
      await conductor.power(node, 'power off');
    },
    bootInstance: async (node) => {
      if (node.driver_internal_info.root_uuid === undefined) {
        await environment.withdraw(node);
        await bootInto(conductor, node, 'disk');
        return;
      }
      await offer(node, 'boot');
      await bootInto(conductor, node, 'pxe');
    },
    cleanUp: (node) => environment.withdraw(node),
  };

  const vendor: VendorInterface = {
    methods: {
      pass_deploy_info: async (node, body) => {
        const { address, key, error } = body;
        if (node.provision_state !== 'wait call-back') {
          throw new LabError('usage', `node ${node.name} is ${node.provision_state}: no call was expected`);
        }
        if (typeof key !== 'string' || key !== node.driver_internal_info.deploy_key) {
          throw new LabError('usage', `the deployment key that came for node ${node.name} is not its own`);
        }
        if (typeof address !== 'string') throw new LabError('usage', 'pass_deploy_info lacks address');
        conductor.phase(node, 'iSCSI', `the ramdisk exports its disk at ${address}`);
        const { driver_internal_info } = conductor.current(node);
        conductor.move(node, 'resume', {
          driver_internal_info: { ...driver_internal_info, ramdisk_address: address },
        });
        conductor.goOn(node, 'the writing of its image', async (now) => {
          if (error) throw new LabError('lab-failed', `its ramdisk reports: ${String(error)}`);
          await write(now, address);
        });
        return undefined;
      },
    },
  };
  return { deploy, vendor };
}

function storedSum(name: string): string {
  return `was recorded when it was stored (\`lab image rm ${name}\`, then get or build it anew)`;
}

/** Tells the ramdisk that its disk is written; it then restarts the node. */
function sayDone(node: Node, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        new LabError(
          'lab-failed',
          `cannot tell the ramdisk of node ${node.name} at ${address} that it is done: ${why}`,
        ),
      );
    const socket = connect({ host: address, port: servicePorts.ramdiskDone, timeout: doneTimeoutMs });
    socket.on('connect', () => socket.end('done'));
    socket.on('timeout', () => {
      socket.destroy();
      fail(`no answer within ${doneTimeoutMs} ms`);
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', (hadError) => {
      if (!hadError) resolve();
    });
    socket.resume();
  });
}

import type { Conductor } from '../conductor/conductor.ts';
import type { RescueInterface } from '../drivers/interfaces.ts';
import { type BootEnvironment, consoleArguments } from './boot-environment.ts';
import { bootInto } from './boot-into.ts';

/** Rescue: the ramdisk with a login on the serial console, the node's disk untouched. */
export function rescueByRamdisk(conductor: Conductor, environment: BootEnvironment): RescueInterface {
  return {
    rescue: async (node) => {
      const { kernel, iscsi } = environment.images.deployRamdisk();
      await environment.offer(
        node,
        { deploy_kernel: kernel, deploy_ramdisk: iscsi },
        {
          uuid: node.uuid,
          default: 'deploy',
          deploy: {
            kernel: 'deploy_kernel',
            ramdisk: 'deploy_ramdisk',
            arguments: `${consoleArguments} rescue=1`,
          },
          boot: undefined,
        },
      );
      await bootInto(conductor, node, 'pxe');
    },
    unrescue: async (node) => {
      await conductor.driverOf(node).deploy.bootInstance(node);
    },
  };
}

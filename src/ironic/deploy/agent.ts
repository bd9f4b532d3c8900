import { LabError } from '../../errors.ts';
import type { Conductor } from '../conductor/conductor.ts';
import type { DeployInterface, VendorInterface } from '../drivers/interfaces.ts';
import type { Node } from '../node.ts';
import type { BootConfiguration } from '../pxe/templates.ts';
import { AgentClient, type AgentCommand } from './agent-client.ts';
import { type BootEnvironment, consoleArguments } from './boot-environment.ts';
import { bootFromDisk, bootInto } from './boot-into.ts';
import type { WholeDiskImage } from './image-files.ts';

/**
 * Deployment by an agent in the ramdisk (ironic/drivers/modules/agent.py of 2014.2.1): it calls, is told an image to
 * write, and when it has, the node boots from its own disk.
 */
export function agentDeploy(
  conductor: Conductor,
  environment: BootEnvironment,
): { readonly deploy: DeployInterface; readonly vendor: VendorInterface } {
  const configuration = (node: Node): BootConfiguration => ({
    uuid: node.uuid,
    default: 'deploy',
    deploy: {
      kernel: 'deploy_kernel',
      ramdisk: 'deploy_ramdisk',
      arguments: [
        consoleArguments,
        `ipa-api-url=${environment.apiUrl(node)}`,
        `ipa-driver-name=${node.driver}`,
      ].join(' '),
    },
    boot: undefined,
  });

  const imageInfo = (node: Node) => {
    const name = node.instance_info?.image ?? '';
    const checksum = node.instance_info?.checksum;
    const image = environment.images.wholeDisk(name);
    return {
      id: name,
      urls: [`${environment.httpRoot(node)}/images/${image.file}`],
      ...(checksum === undefined ? { checksum: image.md5, ...osHash(image) } : { checksum }),
      disk_format: image.format,
      container_format: 'bare',
      stream_raw_images: true,
    };
  };

  const startWriting = async (node: Node, agentUrl: string): Promise<void> => {
    conductor.phase(node, 'agent', `calls from ${agentUrl}`);
    conductor.move(node, 'resume');
    await giveImage(node, agentUrl);
  };

  const giveImage = async (node: Node, agentUrl: string): Promise<void> => {
    const info = imageInfo(node);
    await new AgentClient(agentUrl).command(
      'standby.prepare_image',
      { image_info: info, configdrive: node.instance_info?.configdrive ?? null },
      { wait: false },
    );
  };

  /** Looks whether the image is written; boots into it when it is. */
  const finish = async (node: Node, agentUrl: string): Promise<void> => {
    const commands = await new AgentClient(agentUrl).commands();
    const written = commands.findLast(({ command_name }) => command_name === 'prepare_image');
    // An agent that has restarted knows nothing of the command.
    if (!written)
      throw new LabError(
        'lab-failed',
        'its agent has forgotten that it was to write an image: it has restarted',
      );
    if (written.command_status === 'RUNNING') return;
    if (written.command_status !== 'SUCCEEDED') throw new LabError('lab-failed', failureOf(written));
    conductor.phase(node, 'image written', writtenText(written));
    await bootFromDisk(conductor, environment, node);
  };

  const deploy: DeployInterface = {
    validate: (node) => {
      environment.address(node);
      environment.images.wholeDisk(node.instance_info?.image ?? '');
    },
    prepare: async (node) => {
      const { kernel, agent } = environment.images.deployRamdisk();
      await environment.offer(node, { deploy_kernel: kernel, deploy_ramdisk: agent }, configuration(node));
    },
    deploy: async (node) => {
      await bootInto(conductor, node, 'pxe');
      return 'wait call-back';
    },
    resume: async (node) => {
      const { agent_url, phases = [] } = node.driver_internal_info;
      if (agent_url === undefined) return false;
      if (phases.some(({ name }) => name === 'image written')) {
        await bootFromDisk(conductor, environment, node);
        return true;
      }
      const commands = await new AgentClient(agent_url).commands();
      const isTold = commands.some(({ command_name }) => command_name === 'prepare_image');
      // It may be done and have said so; if it is not, the end of its image is heard of with a heartbeat.
      await (isTold ? finish(node, agent_url) : giveImage(node, agent_url));
      return true;
    },
    resumeWaiting: async (node) => {
      const { agent_url } = node.driver_internal_info;
      if (agent_url === undefined) return false;
      await startWriting(node, agent_url);
      return true;
    },
    tearDown: async (node) => {
      await conductor.power(node, 'power off');
    },
    bootInstance: async (node) => {
      await environment.withdraw(node);
      await bootInto(conductor, node, 'disk');
    },
    cleanUp: (node) => environment.withdraw(node),
  };

  const vendor: VendorInterface = {
    methods: {
      heartbeat: async (node, body) => {
        const agent_url = body.agent_url ?? body.callback_url;
        if (typeof agent_url !== 'string') throw new LabError('usage', 'a heartbeat lacks agent_url');
        const { driver_internal_info } = conductor.current(node);
        conductor.update(node, {
          driver_internal_info: {
            ...driver_internal_info,
            agent_url,
            agent_last_heartbeat: new Date().toISOString(),
          },
        });
        if (node.provision_state === 'wait call-back') {
          conductor.goOn(node, 'the start of its image', (now) => startWriting(now, agent_url));
        } else if (node.provision_state === 'deploying') {
          conductor.goOn(node, 'the end of its image', async (now) => {
            if (now.provision_state === 'deploying') await finish(now, agent_url);
          });
        }
        return undefined;
      },
    },
  };
  return { deploy, vendor };
}

/** The stronger checksum, which an agent of today prefers to the MD5 of Juno's time. */
function osHash({ sha256, sha512 }: WholeDiskImage): object {
  return sha512 === undefined
    ? { os_hash_algo: 'sha256', os_hash_value: sha256 }
    : { os_hash_algo: 'sha512', os_hash_value: sha512 };
}

function failureOf({ command_error }: AgentCommand): string {
  const { type = 'an error', message, details } = command_error ?? {};
  return `its agent could not write the image: ${[message ?? type, details].filter(Boolean).join(': ')}`;
}

function writtenText({ command_result }: AgentCommand): string {
  const result = command_result?.result ?? command_result;
  return typeof result === 'string' ? result : 'by the agent';
}

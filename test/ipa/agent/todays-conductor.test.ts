import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { exchangeJson, parseJson } from '../../../src/ipa/agent/http.ts';
import { isObject, type Json, type JsonObject } from '../../../src/ipa/agent/json.ts';
import { run } from '../../../src/linux/process.ts';
import { waitFor } from '../../../src/wait.ts';
import { dirtyDisk, sumOf, temporaryFolder } from './fixtures.ts';
import { serveImages } from './image-server.ts';
import { machineWith, runAgent } from './ironic-side.ts';

const uuid = '7b1f2f5c-0a57-4c3e-9a52-444444444444';
const token = 'a-token-of-forty-three-characters-or-so-xyz';
const node = { uuid, instance_info: {}, properties: {} };

/**
 * Ironic 21.4's side of a deployment with the direct interface, as it was seen on the wire: it refuses what that
 * refuses, and each heartbeat takes it a step on.
 *
 * @param image what it deploys; without one it answers alone
 */
async function todaysConductor(image?: JsonObject, configdrive = '') {
  const seen: string[] = [];
  let lookups = image ? 0 : 2;
  let callback: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const order = async (name: string, params: JsonObject, wait: boolean) => {
    const url = `${callback}/v1/commands/?wait=${wait}&agent_token=${token}`;
    const { status, body } = await exchangeJson(url, {
      method: 'POST',
      body: { name, params },
      idleMs: 10_000,
    });
    const told = isObject(body) ? body : {};
    seen.push(`${name} ${status} ${String(told.command_status)}`);
    return told;
  };
  const lastCommand = async () => {
    const { body } = await exchangeJson(`${callback}/v1/commands/`, { idleMs: 10_000 });
    return isObject(body) && Array.isArray(body.commands) ? (body.commands.at(-1) as JsonObject) : {};
  };
  const writeImage = {
    interface: 'deploy',
    step: 'write_image',
    args: { image_info: image ?? {}, configdrive },
    priority: 80,
  };
  let versions: Json = null;
  const steps = image
    ? [
        async () => {
          const { command_result: result } = await order(
            'deploy.get_deploy_steps',
            { node, ports: [] },
            true,
          );
          if (!isObject(result ?? null) || !isObject(result as Json)) throw new Error('no deploy steps');
          const { deploy_steps, hardware_manager_version } = result as JsonObject;
          expect(Object.values(deploy_steps as JsonObject).flat().length).toBeGreaterThan(0);
          versions = hardware_manager_version ?? null;
          const params = { step: writeImage, node, ports: [], deploy_version: versions };
          await order('deploy.execute_deploy_step', params, false);
          // A second order while the first is under way.
          await order('deploy.execute_deploy_step', params, false);
        },
        async () => {
          expect(await lastCommand()).toMatchObject({
            command_name: 'execute_deploy_step',
            command_status: 'SUCCEEDED',
            command_error: null,
            command_result: { deploy_step: { interface: 'deploy', step: 'write_image' } },
          });
          await order('standby.get_partition_uuids', {}, true);
          await order('log.collect_system_logs', {}, true);
          await order('standby.power_off', {}, false);
        },
      ]
    : [];

  const answer = async (request: IncomingMessage, body: Json | undefined): Promise<[number, Json?]> => {
    const url = new URL(request.url ?? '/', 'http://ironic');
    if (url.pathname === '/v1/lookup') {
      if (request.headers['x-openstack-ironic-api-version'] !== '1.68') return [404];
      lookups += 1;
      if (lookups === 1) return [409, { error_message: 'Node is locked by host x' }];
      const agent_token = lookups === 2 ? token : '******';
      return [200, { node, config: { heartbeat_timeout: 300, agent_token, agent_token_required: true } }];
    }
    if (url.pathname !== `/v1/heartbeat/${uuid}` || !isObject(body ?? null)) return [404];
    const { callback_url, agent_token, agent_version, ...rest } = body as JsonObject;
    const known = ['agent_verify_ca', 'agent_status', 'agent_status_message'];
    const isChanged = callback !== undefined && callback !== callback_url;
    const isWrong = agent_token !== token || typeof agent_version !== 'string' || isChanged;
    if (isWrong || Object.keys(rest).some((key) => !known.includes(key))) return [400];
    callback = String(callback_url);
    const step = steps.shift();
    // Ironic works on a heartbeat after it has answered it.
    if (step) last = last.then(step);
    return [202];
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [status, body] = await answer(request, parseJson(Buffer.concat(chunks).toString()));
    seen.push(`${request.method} ${request.url?.split('?')[0]} ${status}`);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    done: () => last,
  };
}

test("a current Ironic's conductor deploys a node with the agent, from lookup to power off", async () => {
  const folder = temporaryFolder();
  const size = 128 * 2 ** 20;
  const { file } = await dirtyDisk(folder, size);
  const { machine, happened, tokens } = machineWith(file, size);
  const disk = join(folder, 'os');
  await run(['truncate', '-s', '20M', disk]);
  await run(['/sbin/sfdisk', '--quiet', disk], { input: 'label: gpt\nsize=10M\n' });
  const images = await serveImages(folder);
  const drive = gzipSync('the config drive').toString('base64');
  const conductor = await todaysConductor(
    {
      id: 'os',
      urls: [`${images.url}/os`],
      disk_format: 'raw',
      os_hash_algo: 'sha512',
      os_hash_value: sumOf(disk, 'sha512'),
      stream_raw_images: true,
      node_uuid: uuid,
    },
    drive,
  );
  await runAgent(conductor.url, machine);
  await waitFor('the machine to be off', () => happened[0], {
    timeoutMs: 20_000,
    lastSeen: () => conductor.seen.join('\n'),
  });
  await conductor.done();
  expect(happened).toEqual(['power off']);
  expect(tokens).toEqual([token]);
  const ordered = conductor.seen.filter((line) => !line.startsWith('POST'));
  expect(ordered).toEqual([
    'GET /v1/lookup 409',
    'GET /v1/lookup 200',
    'deploy.get_deploy_steps 200 SUCCEEDED',
    'deploy.execute_deploy_step 200 RUNNING',
    'deploy.execute_deploy_step 409 undefined',
    'standby.get_partition_uuids 200 SUCCEEDED',
    'log.collect_system_logs 200 SUCCEEDED',
    expect.stringMatching(/^standby\.power_off 200 (RUNNING|SUCCEEDED)$/),
  ]);
  const { stdout } = await run(['/sbin/sfdisk', '--json', file]);
  const { partitiontable } = JSON.parse(stdout) as { partitiontable: { partitions: { start: number }[] } };
  const at = (partitiontable.partitions[1]?.start ?? 0) * 512;
  const expected = gunzipSync(Buffer.from(drive, 'base64'));
  expect(readFileSync(file).subarray(at, at + expected.length)).toEqual(expected);

  // An agent that is started after this one is told no token any more, and goes on with that which was kept.
  const conductorAfter = await todaysConductor();
  const again = await runAgent(conductorAfter.url, machine, undefined, tokens[0]);
  await waitFor('its heartbeat', () => conductorAfter.seen.find((line) => line.endsWith(' 202')), {
    timeoutMs: 10_000,
    lastSeen: () => conductorAfter.seen.join('\n'),
  });
  expect((await again.get('/status')).status).toBe(200);
}, 40_000);

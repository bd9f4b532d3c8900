import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { run } from '../../../src/linux/process.ts';
import { waitFor } from '../../../src/wait.ts';
import { dirtyDisk, makeImages, sumOf, temporaryFolder } from './fixtures.ts';
import { serveImages } from './image-server.ts';
import { type Answer, listenAsIronic, machineWith, runAgent } from './ironic-side.ts';

const uuid = '7b1f2f5c-0a57-4c3e-9a52-111111111111';
const size = 128 * 2 ** 20;
const token = 'a-token-of-forty-three-characters-or-so-abc';
const node = { uuid, properties: {} };

/** An Ironic of today. */
function today({ path }: { readonly path: string }): Answer {
  if (path.startsWith('/v1/lookup'))
    return [200, { node, config: { heartbeat_timeout: 300, agent_token: token } }];
  return path.startsWith('/v1/heartbeat/') ? [202] : [404];
}

function juno({ path }: { readonly path: string }): Answer {
  if (path.endsWith('/lookup')) return [200, { node, heartbeat_timeout: 300 }];
  return path.endsWith('/heartbeat') ? [202] : [404];
}

async function agentWithDisk(answer: Parameters<typeof listenAsIronic>[0], driver?: string) {
  const folder = temporaryFolder();
  const { file } = await dirtyDisk(folder, size);
  const { machine, happened } = machineWith(file, size);
  const ironic = await listenAsIronic(answer);
  const agent = await runAgent(ironic.url, machine, driver);
  return { folder, file, happened, ironic, agent };
}

test("Juno's dialect: lookup by vendor passthru, heartbeat, prepare_image, reboot", async () => {
  const { folder, file, happened, ironic, agent } = await agentWithDisk(juno, 'agent_ipmitool');
  const [lookup] = ironic.asked;
  expect(lookup).toMatchObject({
    method: 'POST',
    path: '/v1/drivers/agent_ipmitool/vendor_passthru/lookup',
    body: { version: '2', inventory: { interfaces: expect.any(Array), disks: expect.any(Array) } },
  });
  expect(await ironic.until('heartbeat', 1)).toMatchObject({
    path: `/v1/nodes/${uuid}/vendor_passthru/heartbeat`,
    body: { agent_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
  });

  const content = await makeImages(folder);
  const images = await serveImages(folder);
  const urls = [`${images.url}/disk.qcow2`];
  const image = { id: 'os', urls, checksum: sumOf(join(folder, 'disk.qcow2'), 'md5') };
  const started = await agent.order('standby.prepare_image', { image_info: image }, 'wait=false');
  expect(started).toMatchObject({
    status: 200,
    body: { command_name: 'prepare_image', command_status: 'RUNNING', command_error: null },
  });
  const busy = await agent.order('standby.run_image', {}, 'wait=false');
  expect(busy).toMatchObject({
    status: 409,
    body: { faultstring: 'Agent is busy: executing command prepare_image' },
  });

  // The end of a command is told at once, by a heartbeat.
  await ironic.until('heartbeat', 2);
  expect(await agent.last()).toMatchObject({
    command_status: 'SUCCEEDED',
    command_result: {
      result: expect.stringContaining(`prepare_image: image (os) written to device ${file}; `),
    },
  });
  expect(readFileSync(file).subarray(0, content.length).equals(content)).toBe(true);
  expect(await agent.order('standby.run_image', {})).toMatchObject({ status: 200 });
  await waitFor('the machine to reboot', () => happened[0], { timeoutMs: 5000 });
  expect(happened).toEqual(['reboot']);
});

test("today's dialect: lookup with addresses, token, steps in their order, power off", async () => {
  const { folder, file, happened, ironic, agent } = await agentWithDisk(today);
  expect(ironic.asked[0]).toMatchObject({ method: 'GET', version: '1.68', body: undefined });
  expect(ironic.asked[0]?.path).toMatch(/^\/v1\/lookup\?addresses=/);
  expect(await ironic.until('heartbeat', 1)).toMatchObject({
    path: `/v1/heartbeat/${uuid}`,
    version: '1.68',
    body: { agent_token: token, agent_version: expect.any(String), callback_url: expect.any(String) },
  });

  const shown = `agent_token=${token}`;
  const steps = await agent.order('deploy.get_deploy_steps', { node, ports: [] }, `wait=true&${shown}`);
  expect(steps.body).toMatchObject({
    command_name: 'get_deploy_steps',
    command_result: {
      deploy_steps: {
        LabHardwareManager: expect.arrayContaining([expect.objectContaining({ step: 'write_image' })]),
      },
      hardware_manager_version: { LabHardwareManager: '1.0' },
    },
  });

  const content = await makeImages(folder, ['-c']);
  const images = await serveImages(folder);
  const urls = [`${images.url}/disk.qcow2`];
  const sum = sumOf(join(folder, 'disk.qcow2'), 'sha512');
  const image = {
    id: 'os',
    urls,
    disk_format: 'qcow2',
    os_hash_algo: 'sha512',
    os_hash_value: sum,
    node_uuid: uuid,
  };
  const step = { interface: 'deploy', step: 'write_image', args: { image_info: image, configdrive: null } };
  const version = { LabHardwareManager: '1.0' };
  const parameters = { step, node, ports: [], deploy_version: version };
  await agent.order('deploy.execute_deploy_step', parameters, `wait=false&${shown}`);
  await ironic.until('heartbeat', 2);
  expect(await agent.last()).toMatchObject({
    command_name: 'execute_deploy_step',
    command_status: 'SUCCEEDED',
    command_result: { deploy_step: step, deploy_result: expect.stringContaining('image (os) written') },
  });
  expect(readFileSync(file).subarray(0, content.length).equals(content)).toBe(true);

  expect((await agent.order('standby.get_partition_uuids', {}, `wait=true&${shown}`)).body).toMatchObject({
    command_status: 'SUCCEEDED',
    command_result: {},
  });
  expect((await agent.order('image.install_bootloader', {}, `wait=true&${shown}`)).body).toMatchObject({
    command_status: 'SUCCEEDED',
  });
  await agent.order('standby.power_off', {}, `wait=false&${shown}`);
  await waitFor('the machine to be off', () => happened[0], { timeoutMs: 5000 });
  expect(happened).toEqual(['power off']);
});

test('commands without the token, or with a wrong one, are refused, and no secret is listed', async () => {
  const { agent } = await agentWithDisk(today);
  for (const query of ['wait=true', 'wait=true&agent_token=wrong']) {
    expect(await agent.order('standby.sync', { secret: 'hunter2' }, query)).toMatchObject({
      status: 401,
      body: { faultcode: 'Client' },
    });
  }
  await agent.order('standby.sync', { secret: 'hunter2' }, `wait=true&agent_token=${token}`);
  const list = await agent.get('/commands/');
  expect(list.status).toBe(200);
  expect(list.text).toContain('"command_name":"sync"');
  expect(list.text).not.toContain('hunter2');
  expect((await agent.get('/commands/?agent_token=wrong')).status).toBe(401);
});

test('an Ironic that is not ready is asked again: a locked node, an unknown one, a refused heartbeat', async () => {
  const { ironic } = await agentWithDisk((asked, count) => {
    if (count === 1) return [409, { error_message: 'Node is locked by host x' }];
    if (asked.path.startsWith('/v1/heartbeat') && count === 3) return [409];
    return today(asked);
  });
  expect(ironic.asked[1]?.path).toMatch(/^\/v1\/lookup/);
  await ironic.until('heartbeat', 2);
});

test('a failure is a command that FAILED, with its reason, and the agent goes on', async () => {
  const { agent } = await agentWithDisk(juno, 'agent_ssh');
  const image = { id: 'x', urls: ['http://127.0.0.1:9/x'], checksum: 'd'.repeat(32) };
  expect((await agent.order('standby.prepare_image', { image_info: image })).body).toMatchObject({
    command_status: 'FAILED',
    command_error: {
      type: 'ImageDownloadError',
      code: 500,
      details: expect.stringContaining('ECONNREFUSED'),
    },
    command_result: null,
  });
  expect(await agent.order('standby.prepare_image', {})).toMatchObject({ status: 400 });
  expect(await agent.order('standby', {})).toMatchObject({ status: 400 });
  expect(await agent.order('standby.constructor', {})).toMatchObject({ status: 400 });
  expect(await agent.order('nothing.at_all', {})).toMatchObject({ status: 404 });
  expect(await agent.get('/commands/none')).toMatchObject({ status: 404 });
  expect(await agent.get('/elsewhere')).toMatchObject({ status: 404 });
  expect((await agent.order('standby.sync', {})).body).toMatchObject({ command_status: 'SUCCEEDED' });
  expect((await agent.get('/status')).body).toMatchObject({ started_at: expect.any(Number) });
});

test('cleaning erases what tells of an older system, and nothing else', async () => {
  const { file, agent } = await agentWithDisk(juno, 'agent_ssh');
  const clean = (step: string, version = '1.0') =>
    agent.order('clean.execute_clean_step', {
      step: { interface: 'deploy', step },
      node,
      ports: [],
      clean_version: { LabHardwareManager: version },
    });
  const { body } = await agent.order('clean.get_clean_steps', { node, ports: [] });
  expect(body).toMatchObject({
    command_result: {
      clean_steps: {
        LabHardwareManager: [
          {
            interface: 'deploy',
            step: 'erase_devices_metadata',
            priority: 99,
            reboot_requested: false,
            abortable: true,
          },
          expect.objectContaining({ step: 'erase_devices', priority: 0 }),
        ],
      },
    },
  });
  expect((await clean('erase_devices_metadata')).body).toMatchObject({
    command_status: 'SUCCEEDED',
    command_result: { clean_step: { step: 'erase_devices_metadata' } },
  });
  const bytes = readFileSync(file);
  const ends = [bytes.subarray(0, 2 ** 20), bytes.subarray(-(2 ** 20))];
  expect(ends.every((end) => end.every((byte) => byte === 0))).toBe(true);
  expect(bytes.subarray(2 ** 20, -(2 ** 20)).some((byte) => byte === 0)).toBe(false);
  expect((await clean('erase_devices_metadata', '0.9')).body).toMatchObject({
    command_status: 'VERSION_MISMATCH',
  });
  expect((await clean('no_such_step')).body).toMatchObject({
    command_status: 'FAILED',
    command_error: { type: 'CleaningError', details: 'there is no clean step no_such_step' },
  });
});

test('logs are collected, and a rescue ends with a hashed password', async () => {
  const { agent, happened } = await agentWithDisk(juno, 'agent_ssh');
  const { body } = await agent.order('log.collect_system_logs', {});
  expect(body).toMatchObject({ command_result: { system_logs: Buffer.from('logs').toString('base64') } });
  await agent.order('rescue.finalize_rescue', { rescue_password: '$6$abc$def', hashed: true });
  await agent.order('rescue.finalize_rescue', { rescue_password: 'plain' });
  await waitFor('both rescues', () => happened[1], { timeoutMs: 5000 });
  expect(happened).toEqual(['rescue $6$abc$def', 'rescue hash of plain']);
});

test('a config drive comes with the image', async () => {
  const { file, folder, agent } = await agentWithDisk(juno, 'agent_ssh');
  const image = join(folder, 'os');
  await run(['truncate', '-s', '20M', image]);
  await run(['/sbin/sfdisk', '--quiet', image], { input: 'label: dos\nsize=10M\n' });
  const { url } = await serveImages(folder);
  const drive = gzipSync('the config drive').toString('base64');
  const info = { id: 'os', urls: [`${url}/os`], checksum: sumOf(image, 'md5') };
  const { body } = await agent.order('standby.prepare_image', { image_info: info, configdrive: drive });
  expect(body).toMatchObject({ command_status: 'SUCCEEDED' });
  const { stdout } = await run(['/sbin/sfdisk', '--json', file]);
  const { partitiontable } = JSON.parse(stdout) as { partitiontable: { partitions: { start: number }[] } };
  const at = (partitiontable.partitions[1]?.start ?? 0) * 512;
  const expected = gunzipSync(Buffer.from(drive, 'base64'));
  expect(
    readFileSync(file)
      .subarray(at, at + expected.length)
      .equals(expected),
  ).toBe(true);
});

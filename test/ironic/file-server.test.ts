import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BootWatch, dnsmasqTime } from '../../src/ironic/conductor/boot-watch.ts';
import { Conductor } from '../../src/ironic/conductor/conductor.ts';
import { junoTimers } from '../../src/ironic/conductor/settings.ts';
import { silenceOf } from '../../src/ironic/conductor/silence.ts';
import { NodeStore } from '../../src/ironic/conductor/store.ts';
import type { Driver } from '../../src/ironic/drivers/interfaces.ts';
import { DriverTable } from '../../src/ironic/drivers/table.ts';
import { accessLogLine, parseAccessLog } from '../../src/ironic/file-server/access-log.ts';
import type { FileServerSettings } from '../../src/ironic/file-server/settings.ts';
import type { Node } from '../../src/ironic/node.ts';
import { waitFor } from '../../src/wait.ts';
import { temporaryFolder } from '../ipa/agent/fixtures.ts';
import { freePort } from './images/virtual-machine.ts';

const uuid = 'fd916f98-b8d9-5486-80e7-2fd993d7d009';
const mebibyte = 2 ** 20;

describe('the file server, a program of its own', () => {
  let child: ReturnType<typeof spawn>;
  let settings: FileServerSettings;
  let url = '';
  let folder = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lab-files-'));
    const [images, tree] = [join(folder, 'images'), join(folder, 'tree')];
    mkdirSync(images);
    mkdirSync(join(tree, uuid), { recursive: true });
    writeFileSync(join(images, 'disk.qcow2'), Buffer.alloc(16 * mebibyte, 7));
    writeFileSync(join(folder, 'secret'), 'nobody is told');
    symlinkSync(join(images, 'disk.qcow2'), join(tree, uuid, 'deploy_kernel'));
    writeFileSync(join(tree, `token-${uuid}`), 'the-token');
    settings = {
      addresses: ['127.0.0.1'],
      port: await freePort(),
      folders: { '/images/': images, '/': tree },
      accessLog: join(folder, 'access.log'),
      pidFile: join(folder, 'pid'),
    };
    url = `http://127.0.0.1:${settings.port}`;
    const file = join(folder, 'settings.json');
    writeFileSync(file, JSON.stringify(settings));
    child = spawn(process.execPath, ['dist/file-server.js', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout ?? child, 'data');
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  });

  const logged = (path: string) =>
    waitFor(
      `${path} in the access log`,
      () => {
        const lines = readFileSync(settings.accessLog, 'utf8').trimEnd().split('\n');
        return lines.map(parseAccessLog).findLast((request) => request?.path === path);
      },
      { timeoutMs: 10_000 },
    );

  test('is where its pid file says', () => {
    expect(readFileSync(settings.pidFile, 'utf8')).toBe(`${child.pid}\n`);
  });

  test('sends files whole and notes that it did', async () => {
    const answer = await fetch(`${url}/${uuid}/deploy_kernel`);
    expect((await answer.arrayBuffer()).byteLength).toBe(16 * mebibyte);
    const request = await logged(`/${uuid}/deploy_kernel`);
    expect(request).toMatchObject({ client: '127.0.0.1', method: 'GET', status: 200, isWhole: true });
    expect(request.bytes).toBeGreaterThan(16 * mebibyte);
  });

  test('sends the rest of a file by its range, and notes from where on', async () => {
    const headers = { range: `bytes=${15 * mebibyte}-` };
    const answer = await fetch(`${url}/images/disk.qcow2`, { headers });
    expect(answer.status).toBe(206);
    expect((await answer.arrayBuffer()).byteLength).toBe(mebibyte);
    expect(await logged('/images/disk.qcow2')).toMatchObject({
      status: 206,
      range: `bytes=${15 * mebibyte}-`,
      isWhole: true,
    });
  });

  test('notes that a client went away in the middle', async () => {
    const path = '/images/disk.qcow2?broken';
    await new Promise<void>((resolve) => {
      const request = get(`${url}${path}`, (response) => response.once('data', () => request.destroy()));
      request.on('close', resolve).on('error', () => undefined);
    });
    await waitFor(
      'the broken transfer',
      async () => ((await logged('/images/disk.qcow2')).isWhole ? undefined : true),
      { timeoutMs: 10_000 },
    );
  });

  test.each([
    [`/token-${uuid}`, 404],
    [`/%74oken-${uuid}`, 404],
    [`/${uuid}/..%2Ftoken-${uuid}`, 404],
    [`/${uuid}//..//token-${uuid}`, 404],
    ['/%2e%2e%2Fsecret', 403],
    [`/${uuid}`, 404],
    ['/images/', 404],
    ['//', 400],
    ['/%zz', 400],
  ])('answers %s with %i, and lives on', async (target, status) => {
    const socket = connect(settings.port, '127.0.0.1', () => {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n`);
    });
    let said = '';
    for await (const chunk of socket) said += chunk;
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(said).not.toMatch(/the-token|nobody is told/);
    expect(child.exitCode).toBeNull();
  });
});

test('a client writes no line of its own into the access log', () => {
  const request = {
    at: '2026-11-23T09:00:00.000Z',
    client: '10.0.0.10',
    method: 'GET',
    path: '/a',
    status: 206,
    bytes: 1,
    range: 'bytes=0-" 200 1 "-" 1 ms, whole',
    ms: 2,
    isWhole: false,
  };
  const line = accessLogLine(request);
  expect(parseAccessLog(line)).toEqual(request);
});

test("dnsmasq's times have no year", () => {
  const line = 'Dec 31 23:59:58 dnsmasq-dhcp[85]: DHCPACK';
  expect(dnsmasqTime(line, new Date('2027-01-01T00:00:05'))).toEqual(new Date('2026-12-31T23:59:58'));
  expect(dnsmasqTime('dnsmasq: started', new Date())).toBeUndefined();
});

describe('what happened while there was no conductor', () => {
  const powerOn = '2026-11-23T09:00:10.500Z';
  const mac = '52:54:00:00:01:00';
  function conductor(servingSince: string | null = null) {
    const store = new NodeStore(join(temporaryFolder(), 'nodes'));
    const node = {
      uuid,
      name: 'baremetalbrbm_0',
      driver: 'pxe_ssh',
      mac,
      provision_state: 'wait call-back',
      provision_updated_at: powerOn,
      driver_internal_info: { phases: [{ name: 'power on', at: powerOn }] },
    } as unknown as Node;
    store.save(node);
    const booted: string[] = [];
    const deploy = {
      resumeWaiting: async () => false,
      validate: () => undefined,
      prepare: async () => undefined,
      deploy: async () => {
        booted.push('anew');
        return 'wait call-back';
      },
    };
    const started = new Conductor({
      store,
      timers: { ...junoTimers, callbackTimeoutMs: Number.MAX_SAFE_INTEGER },
      networks: [],
      log: () => undefined,
      servingSince: () => servingSince,
      consoles: { start: async () => undefined, stop: async () => undefined },
      drivers: () => new DriverTable({ pxe_ssh: { deploy } as unknown as Driver }),
    });
    const phases = () => store.get(uuid).driver_internal_info.phases?.slice(1);
    return { conductor: started, watch: new BootWatch(started), phases, node, booted };
  }

  const fetched = (file: string, at: string, isWhole = true) =>
    accessLogLine({
      ...{ at, client: '10.0.0.10', method: 'GET', path: `/${uuid}/${file}`, status: 200, bytes: 9 },
      ...{ range: undefined, ms: 12, isWhole },
    });

  /** dnsmasq's line, in local time: `Nov 23 09:00:01 …`. */
  const acked = (at: string, ip: string) => {
    const [, day, , time] = /^\w+ (\w+ \d+) (\d+) ([\d:]+)/.exec(new Date(at).toString()) ?? [];
    return `${day} ${time} dnsmasq-dhcp[85]: DHCPACK(tap0) ${ip} ${mac} host`;
  };

  test('is told from when the power was put on, with its times', () => {
    const { watch, phases } = conductor();
    watch.dhcpLogLine(acked('2026-11-23T09:00:01Z', '10.0.0.9'), true);
    watch.dhcpLogLine(acked('2026-11-23T09:00:11Z', '10.0.0.10'), true);
    watch.accessLogLine(fetched('deploy_kernel', '2026-11-23T09:00:05.000Z'), true);
    watch.accessLogLine(fetched('boot.ipxe', '2026-11-23T09:00:12.100Z'), true);
    watch.accessLogLine(fetched('deploy_kernel', '2026-11-23T09:00:13.000Z', false), true);
    watch.accessLogLine(fetched('deploy_kernel', '2026-11-23T09:00:14.200Z'), true);
    expect(phases()).toEqual([
      { name: 'lease', at: '2026-11-23T09:00:11.000Z', detail: '10.0.0.10' },
      { name: 'bootloader', at: '2026-11-23T09:00:12.100Z', detail: 'by HTTP in 12 ms' },
      { name: 'kernel', at: '2026-11-23T09:00:14.200Z', detail: 'by HTTP in 12 ms' },
    ]);
  });

  test('what comes from then on is told as of now', () => {
    const { watch, phases } = conductor();
    watch.accessLogLine(fetched('deploy_ramdisk', '2026-11-23T09:00:05.000Z'), false);
    expect(phases()).toMatchObject([{ name: 'ramdisk' }]);
    expect(phases()?.[0]?.at).not.toBe('2026-11-23T09:00:05.000Z');
  });

  test.each([
    ['2026-11-23T09:00:10.000Z', []],
    ['2026-11-23T09:00:11.000Z', ['anew']],
    [null, ['anew']],
  ])('a node in its network boot that was served since %s is booted %j', async (since, expected) => {
    const { conductor: started, booted, node } = conductor(since);
    started.start();
    await waitFor('its take-up', () => started.holder(node) === undefined || undefined, { timeoutMs: 5_000 });
    started.stop();
    expect(booted).toEqual(expected);
  });

  test('who does not serve is named to whoever waited for a node', () => {
    const { node } = conductor();
    const why = silenceOf(node, { callbackTimeoutMs: 1, heartbeatTimeoutMs: 1 }, false);
    expect(why).toContain('; node file-server in devstack, which serves kernels and ramdisks, does not run');
    expect(silenceOf(node, { callbackTimeoutMs: 1, heartbeatTimeoutMs: 1 }, true)).not.toContain('serves');
  });
});

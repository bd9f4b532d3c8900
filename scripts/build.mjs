// Bundles the command and the scenario API into dist/, and writes the API's type declarations there.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
// Built beside dist and put in its place at the end: a build that fails leaves the old one.
const fresh = `${root}dist.${process.pid}`;
const old = `${fresh}.old`;
try {
  await build({
    absWorkingDir: root,
    entryPoints: {
      lab: 'src/cli/main.ts',
      'vlan-device': 'src/linux/vlan-device.ts',
      'send-frame': 'src/linux/send-frame.ts',
      'link-relay': 'src/links/relay.ts',
      api: 'src/scenarios/api.ts',
      conductor: 'src/ironic/conductor/main.ts',
      'file-server': 'src/ironic/file-server/main.ts',
      'rack-bmcs': 'src/bmc/rack.ts',
      'console-recorder': 'src/libvirt/console-recorder.ts',
      'make-attempt': 'src/suite/make-attempt.ts',
      openstack: 'src/openstack/main.ts',
      vitest: 'src/vitest/describe-scenario.ts',
    },
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    // These load files of their own package at run time.
    external: ['esbuild', 'koffi', 'vitest', '*.node', 'cpu-features'],
    // Some bundled libraries are CommonJS: they call require and read __dirname.
    banner: {
      js: "import { createRequire as labRequire } from 'node:module';const require = labRequire(import.meta.url);const __dirname = import.meta.dirname;",
    },
  });
  // The agent stands alone: in the ramdisk there is node and nothing else.
  await build({
    ...JSON.parse(readFileSync(`${root}src/ipa/agent-bundle.json`, 'utf8')),
    absWorkingDir: root,
    entryPoints: ['src/ipa/agent/main.ts'],
    outfile: `${fresh}/ipa-agent.cjs`,
    logLevel: 'warning',
  });
  chmodSync(`${fresh}/lab.js`, 0o755);
  // OpenStack's clients and lab itself, for the PATH in a lab's devstack (src/lab/software.ts).
  mkdirSync(`${fresh}/clients`);
  const programs = {
    lab: 'lab.js',
    ...Object.fromEntries(
      ['nova', 'neutron', 'glance', 'ironic'].map((client) => [client, `openstack.js ${client}`]),
    ),
  };
  for (const [name, program] of Object.entries(programs)) {
    const file = `${fresh}/clients/${name}`;
    writeFileSync(file, `#!/bin/sh\nexec /run/node/node /run/software/dist/${program} "$@"\n`);
    chmodSync(file, 0o755);
  }
  execFileSync(
    `${root}node_modules/.bin/tsc`,
    ['--project', 'scripts/types.json', '--outDir', `${fresh}/types`],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(`${root}dist`, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(fresh, `${root}dist`);
} catch (error) {
  // What is wrong with the sources has been printed.
  if (!error.errors) throw error;
  process.exitCode = 1;
} finally {
  for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
}

// Bundles the command and the scenario API into dist/, and writes the API's type declarations.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { lab: 'src/cli/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  logLevel: 'warning',
  // These load files of their own package at run time.
  external: ['esbuild', 'koffi', 'ssh2'],
  // Some bundled libraries are CommonJS and call require.
  banner: {
    js: "import { createRequire as labRequire } from 'node:module';const require = labRequire(import.meta.url);",
  },
});

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

/** In the package the agent lies beside the bundled command, made by the build. */
const built = new URL('./ipa-agent.cjs', import.meta.url);
const source = new URL('./agent/main.ts', import.meta.url);
/** esbuild's options for the agent; the build has them from there as well. */
const options = new URL('./agent-bundle.json', import.meta.url);

/**
 * The agent as one CommonJS file for node: bundled now when its source is here, else as the package holds it.
 * CommonJS, because node starts it 50 ms sooner than a module when the processor is emulated.
 */
export async function agentBundle(): Promise<string> {
  if (!existsSync(source)) return readFileSync(built, 'utf8');
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    ...(JSON.parse(readFileSync(options, 'utf8')) as BuildOptions),
    entryPoints: [fileURLToPath(source)],
    write: false,
  });
  return outputFiles?.[0]?.text ?? '';
}

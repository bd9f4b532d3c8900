import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** In the package the agent lies beside the bundled command, made by the build. */
const built = new URL('./ipa-agent.cjs', import.meta.url);
const source = new URL('./agent/main.ts', import.meta.url);

/**
 * The agent as one CommonJS file for node: bundled now when its source is here, else as the package holds it.
 * CommonJS, because node starts it 50 ms sooner than a module when the processor is emulated.
 */
export async function agentBundle(): Promise<string> {
  if (!existsSync(source)) return readFileSync(built, 'utf8');
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(source)],
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

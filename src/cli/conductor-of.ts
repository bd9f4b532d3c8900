import type { ApiClient } from '../ironic/api-client.ts';
import type { Lab } from '../lab/record.ts';

/** The running lab a node command is meant for, and its conductor, started and with the lab's machines enrolled. */
export async function openConductor(
  name: string | undefined,
): Promise<{ readonly lab: Lab; readonly api: ApiClient }> {
  const { chooseRunningLab } = await import('../lab/choose.ts');
  const { openApi } = await import('../ironic/open.ts');
  const lab = chooseRunningLab(name);
  return { lab, api: await openApi(lab) };
}

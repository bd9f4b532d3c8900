import type { ApiClient } from '../ironic/api-client.ts';
import type { Lab } from '../lab/record.ts';

/** The running lab a node command is meant for, and its conductor, started and with the lab's machines enrolled. */
export async function openConductor(
  name: string | undefined,
): Promise<{ readonly lab: Lab; readonly api: ApiClient }> {
  const { chooseRunningLab } = await import('../lab/choose.ts');
  const { apiSocket, ensureConductor } = await import('../ironic/start.ts');
  const { enrollLab } = await import('../ironic/enroll-lab.ts');
  const { ApiClient } = await import('../ironic/api-client.ts');
  const lab = chooseRunningLab(name);
  await ensureConductor(lab);
  const api = new ApiClient(apiSocket(lab));
  await enrollLab(api, lab.topology);
  return { lab, api };
}

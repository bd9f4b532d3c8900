import type { Lab } from '../lab/record.ts';
import { ApiClient } from './api-client.ts';
import { enrollLab } from './enroll-lab.ts';
import { apiSocket, ensureConductor } from './start.ts';

/** A lab's conductor, started if it does not run, with the lab's machines enrolled. */
export async function openApi(lab: Lab): Promise<ApiClient> {
  await ensureConductor(lab);
  const api = new ApiClient(apiSocket(lab), () => ensureConductor(lab));
  await enrollLab(api, lab.topology);
  return api;
}

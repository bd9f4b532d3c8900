import type { Lab } from '../lab/record.ts';
import { ApiClient } from './api-client.ts';
import { apiSocket, ensureConductor } from './start.ts';

/** A lab's conductor, started if it does not run. It enrolls the lab's machines. */
export async function openApi(lab: Lab): Promise<ApiClient> {
  await ensureConductor(lab);
  return new ApiClient(apiSocket(lab), () => ensureConductor(lab));
}

import { messageOf } from '../errors.ts';
import { loadTopology } from './parse.ts';
import { listTopologies, type TopologyFolders, type TopologyLocation } from './resolve.ts';

/** A topology in the list of all: its title, or what is wrong with its file. */
export interface DescribedTopology extends TopologyLocation {
  readonly title?: string;
  readonly problem?: string;
}

/** Every topology that has a name, with its title. A broken file is told and does not hide the others. */
export async function describeTopologies(folders: TopologyFolders): Promise<DescribedTopology[]> {
  const locations = await listTopologies(folders);
  return Promise.all(
    locations.map(async (location) => {
      try {
        return { ...location, title: (await loadTopology(location.file)).title };
      } catch (error) {
        // A heading comes first where there are problems with a place in the file, each on a line of its own.
        const [only = '', first = only] = messageOf(error).split('\n');
        return { ...location, problem: first.trim() };
      }
    }),
  );
}

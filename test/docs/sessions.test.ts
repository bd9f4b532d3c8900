import { followPages } from './follow.ts';
import { readPages } from './pages.ts';

followPages(readPages().filter(({ path }) => !path.startsWith('docs/commands')));

import { LabError } from '../errors.ts';

/** @throws LabError `lab-failed` when a capture lost frames anywhere: it shows less than there was */
export function refuseLosses(counts: readonly { readonly point: string; readonly lost: number }[]): void {
  const lossy = counts.filter(({ lost }) => lost > 0).map(({ point, lost }) => `${point} (${lost})`);
  if (lossy.length === 0) return;
  throw new LabError('lab-failed', `the capture lost frames at ${lossy.join(', ')}`, {
    remedy: 'capture at fewer points or with a --filter, or on a less busy machine',
  });
}

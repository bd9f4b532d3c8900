/** Above this many comparisons a quicker rule is used: only floods of one and the same frame come to that. */
const mostComparisons = 10_000;

/**
 * Pairs copies of one frame seen at one place with those seen at another. Copies of one content cannot be told apart and
 * do not overtake each other, so pairs never cross; of all ways to pair them that with the smallest differences of time is
 * taken, where leaving one unpaired costs as much as half of `longest`.
 *
 * @param a times in ascending order
 * @param b times in ascending order
 * @param longest pairs are never further apart
 * @returns for each of `b` the index in `a`, -1 for none
 */
export function align(a: readonly number[], b: readonly number[], longest: number): Int32Array {
  return a.length * b.length <= mostComparisons ? alignBest(a, b, longest) : alignGreedily(a, b, longest);
}

function alignBest(a: readonly number[], b: readonly number[], longest: number): Int32Array {
  const skip = longest / 2;
  const width = b.length + 1;
  const cost = new Float64Array((a.length + 1) * width);
  for (let j = 1; j <= b.length; j++) cost[j] = j * skip;
  for (let i = 1; i <= a.length; i++) {
    cost[i * width] = i * skip;
    for (let j = 1; j <= b.length; j++) {
      const unpaired =
        Math.min(cost[(i - 1) * width + j] as number, cost[i * width + j - 1] as number) + skip;
      const pair =
        (cost[(i - 1) * width + j - 1] as number) + Math.abs((a[i - 1] as number) - (b[j - 1] as number));
      cost[i * width + j] = Math.min(unpaired, pair);
    }
  }
  const paired = new Int32Array(b.length).fill(-1);
  for (let i = a.length, j = b.length; i > 0 && j > 0; ) {
    const here = cost[i * width + j] as number;
    const apart = Math.abs((a[i - 1] as number) - (b[j - 1] as number));
    if (apart < longest && here === (cost[(i - 1) * width + j - 1] as number) + apart) {
      paired[--j] = --i;
    } else if (here === (cost[(i - 1) * width + j] as number) + skip) i--;
    else j--;
  }
  return paired;
}

/** Passes over as many as one side has more than the other, where the following one is nearer. */
function alignGreedily(a: readonly number[], b: readonly number[], longest: number): Int32Array {
  const paired = new Int32Array(b.length).fill(-1);
  let spareA = Math.max(0, a.length - b.length);
  let spareB = Math.max(0, b.length - a.length);
  const apart = (i: number, j: number) => Math.abs((a[i] ?? Number.POSITIVE_INFINITY) - (b[j] as number));
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (spareA > 0 && apart(i + 1, j) < apart(i, j)) {
      spareA--;
      i++;
    } else if (spareB > 0 && j + 1 < b.length && apart(i, j + 1) < apart(i, j)) {
      spareB--;
      j++;
    } else {
      if (apart(i, j) < longest) paired[j] = i;
      i++;
      j++;
    }
  }
  return paired;
}

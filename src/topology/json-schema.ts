import * as z from 'zod';
import { topologySchema } from './schema.ts';

/** The JSON Schema (draft 7, which editors know best) of a topology file, made from the one schema. */
export function topologyJsonSchema(): object {
  return z.toJSONSchema(topologySchema, { io: 'input', target: 'draft-7' });
}

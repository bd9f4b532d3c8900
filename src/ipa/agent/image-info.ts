import { AgentError } from './errors.ts';
import { isObject, type Json, type JsonObject, textOf } from './json.ts';

/** What Ironic says of the image to write. */
export interface ImageInfo {
  readonly id: string;
  readonly urls: readonly string[];
  readonly checksum: { readonly algorithm: string; readonly value: string };
  /** Juno does not say; then the image's first bytes do. */
  readonly format: 'raw' | 'qcow2' | undefined;
  /** Base64 of a gzipped file system, or a URL of that. */
  readonly configDrive: string | undefined;
}

const algorithmsByLength: Readonly<Record<number, string>> = {
  32: 'md5',
  40: 'sha1',
  64: 'sha256',
  128: 'sha512',
};
const algorithms = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

/**
 * Reads `image_info` of standby.prepare_image and deploy.write_image.
 *
 * @throws AgentError InvalidCommandParamsError for what is missing or wrong; DeploymentError for a kind of image
 *   that this agent does not write
 */
export function parseImageInfo(given: Json | undefined, configDrive?: Json): ImageInfo {
  const info = isObject(given) ? given : {};
  for (const field of ['id', 'urls']) if (!(field in info)) throw wrong(`Image is missing '${field}' field.`);
  const urls = Array.isArray(info.urls)
    ? info.urls.filter((url): url is string => typeof url === 'string')
    : [];
  if (urls.length === 0) throw wrong("Image 'urls' must be a list with at least one element.");
  const strange = urls.find((url) => !/^https?:\/\//.test(url));
  if (strange) throw wrong(`Image URL ${strange} is neither http nor https.`);
  if (textOf(info.image_type) === 'partition')
    throw new AgentError('DeploymentError', 'this agent writes whole-disk images; image_type is partition');
  return {
    id: String(info.id),
    urls,
    checksum: parseChecksum(info),
    format: parseFormat(textOf(info.disk_format)),
    configDrive: textOf(configDrive) ?? textOf(info.configdrive),
  };
}

/** os_hash_algo with os_hash_value where node knows the algorithm, else checksum, whose length tells which. */
function parseChecksum(info: JsonObject): ImageInfo['checksum'] {
  const algorithm = textOf(info.os_hash_algo)?.toLowerCase().replaceAll('-', '');
  const value = textOf(info.os_hash_value);
  if (algorithm && value && algorithms.includes(algorithm)) return { algorithm, value: value.toLowerCase() };
  const checksum = textOf(info.checksum);
  if (!checksum) {
    throw wrong(
      algorithm && value
        ? `Image os_hash_algo ${algorithm} is not one of ${algorithms.join(', ')}, and there is no checksum.`
        : "Image checksum is not available, either the 'checksum' field or the 'os_hash_algo' and 'os_hash_value' " +
            'fields pair must be set for image verification.',
    );
  }
  const known = /^[0-9a-fA-F]+$/.test(checksum) ? algorithmsByLength[checksum.length] : undefined;
  if (!known) throw wrong(`Image checksum ${checksum.slice(0, 200)} is no MD5, SHA-1, SHA-256 or SHA-512.`);
  return { algorithm: known, value: checksum.toLowerCase() };
}

function parseFormat(format: string | undefined): ImageInfo['format'] {
  if (format === undefined || format === 'raw' || format === 'qcow2') return format;
  throw wrong(`Image disk_format ${format} is neither raw nor qcow2.`);
}

function wrong(details: string): AgentError {
  return new AgentError('InvalidCommandParamsError', details);
}

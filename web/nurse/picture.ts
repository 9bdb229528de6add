// A picture as small as it may be: a phone in a village sends it over a thin line.
const LONGEST_PX = 1600;
const QUALITY = 0.82;

/** A JPEG of at most LONGEST_PX; the file itself where this browser cannot draw it. */
export async function shrunk(file: Blob): Promise<Blob> {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return file;
  const ratio = Math.min(1, LONGEST_PX / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * ratio);
  canvas.height = Math.round(image.height * ratio);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return made && made.size < file.size ? made : file;
}

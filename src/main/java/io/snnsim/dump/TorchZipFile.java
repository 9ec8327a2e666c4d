// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads the zip files that PyTorch writes since version 1.6: {@code data.pkl} in a folder, and
 * beside it {@code data/KEY} with the numbers of each storage, nothing compressed. Used once, by
 * one thread.
 */
final class TorchZipFile {
  private static final String PICKLE = "data.pkl";

  /** Far more than the pickle of a state dict and its optimizer takes. */
  private static final int MOST_PICKLED = 32 << 20;

  private final ZipFile zip;
  private final Path file;
  private final String folder;
  private final ByteOrder order;
  private int unchecked;

  private TorchZipFile(ZipFile zip, Path file) throws IOException {
    this.zip = zip;
    this.file = file;
    this.folder = folder(zip);
    if (folder == null) {
      throw bad("found " + PICKLE + " in several folders", "one");
    }
    ZipEntry stated = zip.getEntry(folder + "byteorder");
    boolean big =
        stated != null
            && StandardCharsets.US_ASCII.decode(bytes(stated, 16)).toString().strip().equals("big");
    this.order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** True of zip files that PyTorch wrote. */
  static boolean accepts(ZipFile zip) {
    return zip.stream().anyMatch(TorchZipFile::isPickle);
  }

  private static boolean isPickle(ZipEntry e) {
    String name = e.getName();
    return name.equals(PICKLE)
        || name.indexOf('/') == name.length() - PICKLE.length() - 1 && name.endsWith("/" + PICKLE);
  }

  private static String folder(ZipFile zip) {
    var names = zip.stream().filter(TorchZipFile::isPickle).map(ZipEntry::getName).toList();
    String name = names.getFirst();
    return names.size() == 1 ? name.substring(0, name.length() - PICKLE.length()) : null;
  }

  /** Reads a file that {@link #accepts} takes. */
  static WeightDump read(Path file) {
    TensorCollector into = new TensorCollector(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      new TorchZipFile(zip, file).collect(into);
    } catch (IOException e) {
      throw FilePart.unreadableZip(file, e, "what torch.save writes");
    }
    return into.finish();
  }

  private void collect(TensorCollector into) throws IOException {
    if (zip.getEntry(folder + "constants.pkl") != null) {
      throw bad(
          "found TorchScript",
          "a state dict, since no code of a file is run; in Python save the weights alone:"
              + " torch.save(torch.jit.load('"
              + Text.oneLine(file.getFileName().toString())
              + "').state_dict(), 'net.pth')");
    }
    Unpickler unpickler =
        new Unpickler(
            bytes(zip.getEntry(folder + PICKLE), MOST_PICKLED),
            false,
            file + "[" + Text.oneLine(folder + PICKLE) + "]");
    new TorchTensors(into, file.toString(), Files.size(file))
        .collect(unpickler.next(), this::storage);
    if (unchecked > 0) {
      into.note(
          unchecked
              + " storages have other checksums than the file states; PyTorch can be told to leave"
              + " checksums out, else the file is damaged");
    }
  }

  private ByteBuffer storage(String key, long bytes) {
    ZipEntry entry = zip.getEntry(folder + "data/" + key);
    if (entry == null || entry.getSize() != bytes) {
      throw bad(
          "found "
              + (entry == null ? "no" : entry.getSize())
              + " bytes of storage "
              + Text.oneLine(key),
          bytes + "; the file is damaged, copy it again");
    }
    try {
      ByteBuffer data = bytes(entry, Integer.MAX_VALUE - 64).order(order);
      CRC32 crc = new CRC32();
      crc.update(data.array());
      unchecked += crc.getValue() == entry.getCrc() ? 0 : 1;
      return data;
    } catch (IOException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          file
              + ": found storage "
              + Text.oneLine(key)
              + " that cannot be read ("
              + Text.oneLine(e.getMessage())
              + "), expected what torch.save writes; copy it again",
          e);
    }
  }

  private ByteBuffer bytes(ZipEntry entry, int most) throws IOException {
    String name = Text.oneLine(entry.getName());
    if (entry.getMethod() != ZipEntry.STORED) {
      throw bad(
          "found " + name + " compressed", "entries that are only stored; use the file as saved");
    }
    long size = entry.getSize();
    if (size < 0 || size > Math.min(most, Files.size(file))) {
      throw bad(
          "found " + name + " with " + size + " bytes stated",
          "at most " + most + ", and no more than the file has");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size) {
        throw bad("found " + name + " cut off after " + bytes.length, size + " bytes");
      }
      return ByteBuffer.wrap(bytes);
    }
  }

  private SnnsimException bad(String found, String expected) {
    return SnnsimException.badData(file + ": " + found + ", expected " + expected);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.Pickled.Huge;
import io.snnsim.dump.Pickled.Int;
import io.snnsim.dump.Pickled.Items;
import io.snnsim.dump.Pickled.Storage;
import io.snnsim.dump.Pickled.Str;
import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the files that PyTorch wrote before version 1.6, and still writes on request. Used once, by
 * one thread.
 *
 * <pre>
 * pickle  magic number
 * pickle  1001, the version of this layout
 * pickle  sizes of types where it was written
 * pickle  what was saved; its tensors name storages by key
 * pickle  list of the keys
 * each key: int64 number of elements, the elements; all of the lowest byte first
 * </pre>
 */
final class TorchLegacyFile {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  /** Far more than the pickles of a state dict and its optimizer take. */
  private static final int MOST_PICKLED = 32 << 20;

  private final FileChannel in;
  private final TensorCollector into;
  private final Path file;
  private final long fileBytes;
  private final Map<String, Long> starts = new HashMap<>();

  private TorchLegacyFile(FileChannel in, TensorCollector into, Path file) throws IOException {
    this.in = in;
    this.into = into;
    this.file = file;
    this.fileBytes = in.size();
  }

  /** Reads a file that begins with a pickle. */
  static WeightDump read(Path file) {
    TensorCollector into = new TensorCollector(file);
    try (FileChannel in = FileChannel.open(file)) {
      new TorchLegacyFile(in, into, file).collect();
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
    return into.finish();
  }

  private void collect() {
    int head = (int) Math.min(fileBytes, MOST_PICKLED);
    ByteBuffer pickles = bytes(0, head);
    Unpickler unpickler = new Unpickler(pickles, head < fileBytes, file.toString());
    if (!(unpickler.next() instanceof Huge(var magic)) || !magic.equals(MAGIC)) {
      throw bad("found a Python pickle that torch.save did not write", TorchGlobals.HOW);
    }
    if (!(unpickler.next() instanceof Int(long version)) || version != VERSION) {
      throw bad("found another layout than " + VERSION, TorchGlobals.HOW);
    }
    unpickler.next();
    Pickled saved = unpickler.next();
    if (!(unpickler.next() instanceof Items(var keys))) {
      throw bad("found no list of storages", "copy the file again");
    }
    locate(keys, unpickler.storages(), pickles.position());
    new TorchTensors(into, file.toString(), fileBytes).collect(saved, this::storage);
  }

  /** Finds where each storage begins; they must fill the file to its end. */
  private void locate(List<Pickled> keys, Map<String, Storage> storages, long begin) {
    long at = begin;
    for (Pickled key : keys) {
      Storage s = key instanceof Str(String text) ? storages.get(text) : null;
      if (s == null || starts.containsKey(s.key())) {
        throw bad("found a storage that no tensor names, or twice", "copy the file again");
      }
      long elements = at + 8 > fileBytes ? -1 : bytes(at, 8).getLong();
      long item = s.type() == null ? 1 : s.type().bytes();
      if (elements != s.elements() || elements > (fileBytes - at - 8) / item) {
        throw bad(
            "found "
                + (elements < 0 ? "no" : elements)
                + " elements of storage "
                + Text.oneLine(s.key())
                + " at byte "
                + at
                + " of "
                + fileBytes
                + " (stated "
                + s.elements()
                + ")",
            "the file is cut off or damaged, copy it again");
      }
      starts.put(s.key(), at + 8);
      at += 8 + elements * item;
    }
    if (at != fileBytes) {
      throw bad("found " + (fileBytes - at) + " bytes that no storage claims", "copy it again");
    }
  }

  private ByteBuffer storage(String key, long bytes) {
    Long start = starts.get(key);
    if (start == null || bytes > fileBytes - start) {
      throw bad("found no storage " + Text.oneLine(key), "copy the file again");
    }
    return bytes(start, bytes);
  }

  private ByteBuffer bytes(long from, long n) {
    return FilePart.read(in, file, from, n);
  }

  private SnnsimException bad(String found, String hint) {
    return SnnsimException.badData(
        file + ": " + found + ", expected what torch.save writes; " + hint);
  }
}

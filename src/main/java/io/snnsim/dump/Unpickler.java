// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.Pickled.Dict;
import io.snnsim.dump.Pickled.Entry;
import io.snnsim.dump.Pickled.Global;
import io.snnsim.dump.Pickled.Huge;
import io.snnsim.dump.Pickled.Int;
import io.snnsim.dump.Pickled.Items;
import io.snnsim.dump.Pickled.Storage;
import io.snnsim.dump.Pickled.Str;
import io.snnsim.error.SnnsimException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads pickles, one after the other from the same bytes, into {@link Pickled} values: the opcodes
 * of protocols 2 to 5 that data is made of, and the names that {@link TorchGlobals} allows. Each
 * opcode adds at most one value and their number is bounded, so memory is bounded by the bytes.
 * Used by one thread. Source: the opcodes as Python's module pickletools documents them.
 */
final class Unpickler {
  /** Checkpoints of large networks with their optimizers have some ten thousand. */
  private static final int MOST_OPCODES = 1_000_000;

  private final ByteBuffer in;
  private final String where;
  private final boolean more;
  private final List<Pickled> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, Pickled> memo = new HashMap<>();
  private final Map<String, Storage> storages = new HashMap<>();
  private int opcodes;

  /**
   * @param bytes of the pickles; its position moves
   * @param more true if these are only the first bytes of a file, so that their end tells of a
   *     pickle that is too long rather than cut off
   * @param where file, for messages
   */
  Unpickler(ByteBuffer bytes, boolean more, String where) {
    this.in = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.more = more;
    this.where = where;
  }

  /**
   * Reads the next pickle.
   *
   * @throws SnnsimException (bad data) if it is none, or names what is not allowed
   */
  Pickled next() {
    stack.clear();
    marks.clear();
    memo.clear();
    try {
      for (int op = in.get() & 0xff; op != '.'; op = in.get() & 0xff) {
        if (++opcodes > MOST_OPCODES) {
          throw bad("more than " + MOST_OPCODES + " opcodes", "a state dict");
        }
        step(op);
      }
    } catch (BufferUnderflowException e) {
      throw more
          ? bad("a pickle of more than " + in.limit() + " bytes", "a state dict")
          : bad("a pickle that is cut off", "an undamaged file; copy it again");
    }
    Pickled result = pop();
    if (!stack.isEmpty()) {
      throw bad("a pickle of several values", "one");
    }
    return result;
  }

  /** Storages that were named so far, by key; of several with one key the first. */
  Map<String, Storage> storages() {
    return storages;
  }

  private void step(int op) {
    switch (op) {
      case 0x80 -> in.get(); // PROTO
      case 0x95 -> in.getLong(); // FRAME
      case '(' -> marks.add(stack.size());
      case '0' -> pop();
      case '1' -> sinceMark();
      case '2' -> stack.add(top());
      case 'N' -> stack.add(Pickled.PLAIN);
      case 0x88 -> stack.add(Pickled.PLAIN); // NEWTRUE
      case 0x89 -> stack.add(Pickled.PLAIN); // NEWFALSE
      case 'J' -> stack.add(new Int(in.getInt()));
      case 'K' -> stack.add(new Int(in.get() & 0xff));
      case 'M' -> stack.add(new Int(in.getShort() & 0xffff));
      case 0x8a -> stack.add(integer(take(in.get() & 0xff))); // LONG1
      case 0x8b -> plain(in.getInt()); // LONG4
      case 'G' -> plain(8);
      case 'X', 'T' -> text(in.getInt());
      case 0x8c, 'U' -> text(in.get() & 0xff); // SHORT_BINUNICODE
      case 0x8d -> text(in.getLong()); // BINUNICODE8
      case 'B' -> plain(in.getInt());
      case 'C' -> plain(in.get() & 0xff);
      case 0x8e, 0x96 -> plain(in.getLong()); // BINBYTES8, BYTEARRAY8
      case ']', ')', 0x8f -> stack.add(new Items(new ArrayList<>())); // EMPTY_SET too
      case 'l', 't', 0x91 -> stack.add(new Items(sinceMark())); // FROZENSET too
      case 0x85 -> tuple(1);
      case 0x86 -> tuple(2);
      case 0x87 -> tuple(3);
      case 'a' -> append(List.of(pop()));
      case 'e', 0x90 -> append(sinceMark()); // ADDITEMS too
      case '}' -> stack.add(new Dict());
      case 'd' -> {
        List<Pickled> items = sinceMark();
        stack.add(new Dict());
        setItems(items);
      }
      case 's' -> {
        Pickled value = pop();
        setItems(List.of(pop(), value));
      }
      case 'u' -> setItems(sinceMark());
      case 'h' -> recall(in.get() & 0xff);
      case 'j' -> recall(in.getInt());
      case 'q' -> memo.put(in.get() & 0xff, top());
      case 'r' -> memo.put(in.getInt(), top());
      case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
      case 'c' -> global(line(), line());
      case 0x93 -> { // STACK_GLOBAL
        Pickled name = pop();
        if (!(pop() instanceof Str(String module)) || !(name instanceof Str(String n))) {
          throw bad("a class without a name", "one");
        }
        global(module, n);
      }
      case 'R', 0x81 -> call(pop(), pop()); // NEWOBJ too
      case 0x92 -> { // NEWOBJ_EX
        pop();
        call(pop(), pop());
      }
      case 'b' -> {
        pop(); // The state of an object, such as the versions that a state dict keeps of its parts.
        top();
      }
      case 'Q' -> {
        Storage storage = TorchGlobals.storage(pop());
        if (storage == null) {
          throw bad("a reference to what is no storage of a known type", "storages of tensors");
        }
        storages.putIfAbsent(storage.key(), storage);
        stack.add(storage);
      }
      default ->
          throw bad(
              "opcode 0x" + Integer.toHexString(op),
              "those of protocols 2 to 5 that state dicts are made of; " + TorchGlobals.HOW);
    }
  }

  private Pickled top() {
    if (stack.isEmpty() || !marks.isEmpty() && marks.getLast() == stack.size()) {
      throw bad("an opcode without the value that it takes", "an undamaged file");
    }
    return stack.getLast();
  }

  private Pickled pop() {
    top();
    return stack.removeLast();
  }

  private List<Pickled> sinceMark() {
    if (marks.isEmpty()) {
      throw bad("an opcode without the mark that it takes", "an undamaged file");
    }
    List<Pickled> items = stack.subList(marks.removeLast(), stack.size());
    List<Pickled> taken = new ArrayList<>(items);
    items.clear();
    return taken;
  }

  private void tuple(int n) {
    List<Pickled> items = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      items.addFirst(pop());
    }
    stack.add(new Items(items));
  }

  private void append(List<Pickled> items) {
    switch (top()) {
      case Items list -> list.items().addAll(items);
      case Pickled other -> {} // An object whose contents do not matter.
    }
  }

  private void setItems(List<Pickled> items) {
    if (items.size() % 2 != 0) {
      throw bad("a key without a value", "an undamaged file");
    }
    if (top() instanceof Dict dict) {
      for (int i = 0; i < items.size(); i += 2) {
        dict.entries().add(new Entry(items.get(i), items.get(i + 1)));
      }
    }
  }

  private void recall(int index) {
    Pickled value = memo.get(index);
    if (value == null) {
      throw bad("a reference to value " + Integer.toUnsignedString(index), "one read before");
    }
    stack.add(value);
  }

  private void global(String module, String name) {
    Global global = TorchGlobals.find(module, name);
    if (global == null) {
      throw TorchGlobals.refused(where, module, name);
    }
    stack.add(global);
  }

  private void call(Pickled args, Pickled function) {
    if (!(function instanceof Global global) || !(args instanceof Items(var list))) {
      throw bad("a call of what is no class or function", "an undamaged file");
    }
    Pickled made = TorchGlobals.call(global, list);
    if (made == null) {
      throw bad("a call of " + global + " with arguments that it does not take", "its own");
    }
    if (made instanceof Dict dict) {
      opcodes += dict.entries().size(); // Copied, perhaps from a list that is used many times.
    }
    stack.add(made);
  }

  private void plain(long bytes) {
    skip(bytes);
    stack.add(Pickled.PLAIN);
  }

  private void skip(long bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new BufferUnderflowException();
    }
    in.position(in.position() + (int) bytes);
  }

  private byte[] take(long bytes) {
    int at = in.position();
    skip(bytes);
    byte[] taken = new byte[(int) bytes];
    in.get(at, taken);
    return taken;
  }

  private void text(long bytes) {
    stack.add(new Str(new String(take(bytes), StandardCharsets.UTF_8)));
  }

  private String line() {
    int at = in.position();
    while (in.get() != '\n') {}
    byte[] bytes = new byte[in.position() - at - 1];
    in.get(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A number from its bytes, the lowest first. */
  private static Pickled integer(byte[] bytes) {
    byte[] reversed = new byte[bytes.length + 1];
    for (int i = 0; i < bytes.length; i++) {
      reversed[bytes.length - i] = bytes[i];
    }
    reversed[0] = (byte) (bytes.length > 0 && bytes[bytes.length - 1] < 0 ? -1 : 0);
    BigInteger value = new BigInteger(reversed);
    return value.bitLength() < 64 ? new Int(value.longValue()) : new Huge(value);
  }

  private SnnsimException bad(String found, String expected) {
    return SnnsimException.badData(
        where + ": found " + found + " at byte " + in.position() + ", expected " + expected);
  }
}

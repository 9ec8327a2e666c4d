// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A real file's channel that tells before every change, and of forcing instead of doing it.
 * Confined to one thread.
 */
final class LoggedChannel extends FileChannel {
  private final FileChannel below;
  private final Runnable boundary;
  private final Runnable forced;

  LoggedChannel(FileChannel below, Runnable boundary, Runnable forced) {
    this.below = below;
    this.boundary = boundary;
    this.forced = forced;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    boundary.run();
    return below.write(from);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    boundary.run();
    return below.write(from, offset, length);
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    boundary.run();
    return below.write(from, position);
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) throws IOException {
    boundary.run();
    return below.transferFrom(from, position, count);
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    boundary.run();
    below.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metaData) {
    boundary.run();
    forced.run();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    boundary.run();
    return below.map(mode, position, size);
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return below.read(to);
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) throws IOException {
    return below.read(to, offset, length);
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    return below.read(to, position);
  }

  @Override
  public long position() throws IOException {
    return below.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    below.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return below.size();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel to) throws IOException {
    return below.transferTo(position, count, to);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return below.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return below.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    boundary.run();
    below.close();
  }
}

package dev.poststation.sim;

import dev.poststation.os.Disk;
import dev.poststation.os.GrowingFile;
import dev.poststation.os.Others;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A disk that passes everything on to another one; a test overrides what is to fail. As safe for
/// threads as the other one.
public class PassingDisk implements Disk {
  private final Disk disk;

  public PassingDisk(Disk disk) {
    this.disk = disk;
  }

  @Override
  public byte[] read(Path file) throws IOException {
    return disk.read(file);
  }

  @Override
  public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
    disk.replace(file, content, ownerOnly);
  }

  @Override
  public void renew(Path file, byte[] content) throws IOException {
    disk.renew(file, content);
  }

  @Override
  public OutputStream append(Path file) throws IOException {
    return disk.append(file);
  }

  @Override
  public GrowingFile grow(Path file) throws IOException {
    return disk.grow(file);
  }

  @Override
  public InputStream open(Path file) throws IOException {
    return disk.open(file);
  }

  @Override
  public OutputStream create(Path file) throws IOException {
    return disk.create(file);
  }

  @Override
  public OutputStream standardOutput() {
    return disk.standardOutput();
  }

  @Override
  public Optional<String> identity(Path file) throws IOException {
    return disk.identity(file);
  }

  @Override
  public long size(Path file) throws IOException {
    return disk.size(file);
  }

  @Override
  public Optional<Instant> modified(Path file) throws IOException {
    return disk.modified(file);
  }

  @Override
  public boolean isDirectory(Path path) {
    return disk.isDirectory(path);
  }

  @Override
  public boolean isWritable(Path path) {
    return disk.isWritable(path);
  }

  @Override
  public boolean isReadable(Path path) {
    return disk.isReadable(path);
  }

  @Override
  public boolean isLink(Path path) {
    return disk.isLink(path);
  }

  @Override
  public String owner(Path path) throws IOException {
    return disk.owner(path);
  }

  @Override
  public Others others(Path path) throws IOException {
    return disk.others(path);
  }

  @Override
  public void makeDirectory(Path directory) throws IOException {
    disk.makeDirectory(directory);
  }

  @Override
  public long usableBytes(Path path) throws IOException {
    return disk.usableBytes(path);
  }

  @Override
  public Optional<Closeable> lock(Path file) throws IOException {
    return disk.lock(file);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void link(Path file, Path second) throws IOException {
    disk.link(file, second);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    disk.move(from, to);
  }

  @Override
  public void remove(Path path) throws IOException {
    disk.remove(path);
  }
}

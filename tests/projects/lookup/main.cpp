// lookup DATABASE: prints what the header says of some shapes, and fails where libptotune, asked
// about the same database, says something else.
#include <cstdio>
#include <pto_tune.h>
#include <ptotune/Lookup.h>
#include <string>

static_assert(tuned::kConfigCount == 2, "the job has two problems");
static_assert(tuned::lookup(128, 256, 1536, false).match == tuned::Match::exact, "it was tuned");

int main(int argc, char** argv) {
  if (argc != 2)
    return 2;
  std::string error;
  const auto table = ptotune::lookup::Table::open(argv[1], error);
  if (!table) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return 2;
  }
  struct Shape {
    int head, s0, s1;
    bool causal;
  };
  const Shape shapes[] = {{128, 256, 1536, false},  {128, 256, 2048, false},
                          {128, 4096, 8192, false}, {128, 256, 1024, false},
                          {128, 256, 1000, false},  {128, 256, 2048, true}};
  for (const Shape& one : shapes) {
    const tuned::Lookup here = tuned::lookup(one.head, one.s0, one.s1, one.causal);
    const auto there = table->find({tuned::kSoc, one.head, one.s0, one.s1, one.causal});
    std::printf("%d x %d: match %d, tuned %d x %d, TILE_S1 %d, SlotNumQK %d\n", one.s0, one.s1,
                static_cast<int>(here.match), here.tuned_s0, here.tuned_s1, here.config.tile_s1,
                here.config.slot_num_qk);
    if (static_cast<int>(here.match) != static_cast<int>(there.match) ||
        here.tuned_s1 != there->s1 || here.config.tile_s1 != there->tileS1 ||
        here.config.slot_num_qk != there->slotNumQK) {
      std::fprintf(stderr, "the library says: match %d, tuned s1 %d, TILE_S1 %d\n",
                   static_cast<int>(there.match), there->s1, there->tileS1);
      return 1;
    }
  }
  return 0;
}

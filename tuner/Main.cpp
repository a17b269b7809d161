#include "tuner/cli/Commands.h"

int main(int argc, char** argv) {
  return ptotune::cli::run(argc, argv);
}

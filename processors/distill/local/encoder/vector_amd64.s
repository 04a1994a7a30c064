#include "textflag.h"

// As many bytes as a row of keys or values takes: width times four.
#define WIDTH 1536

DATA magnitude<>+0(SB)/4, $0x7fffffff
GLOBL magnitude<>(SB), RODATA|NOPTR, $4

DATA halfway<>+0(SB)/4, $0x43008000 // 128.5
GLOBL halfway<>(SB), RODATA|NOPTR, $4

// func farthestAVX2(row *float32, n int) float32
TEXT ·farthestAVX2(SB), NOSPLIT, $0-20
	MOVQ row+0(FP), SI
	MOVQ n+8(FP), CX
	LEAQ (SI)(CX*4), CX
	VBROADCASTSS magnitude<>(SB), Y1
	VXORPS Y0, Y0, Y0

next:
	VANDPS (SI), Y1, Y2
	VMAXPS Y2, Y0, Y0
	ADDQ $32, SI
	CMPQ SI, CX
	JLT next

	VEXTRACTF128 $1, Y0, X1
	VMAXPS X1, X0, X0
	VPSHUFD $0x4E, X0, X1
	VMAXPS X1, X0, X0
	VPSHUFD $0xB1, X0, X1
	VMAXPS X1, X0, X0
	VMOVSS X0, ret+16(FP)
	VZEROUPPER
	RET

// func roundAVX2(into *uint8, row *float32, n int, by float32)
TEXT ·roundAVX2(SB), NOSPLIT, $0-28
	MOVQ into+0(FP), DI
	MOVQ row+8(FP), SI
	MOVQ n+16(FP), CX
	LEAQ (SI)(CX*4), CX
	VBROADCASTSS by+24(FP), Y1
	VBROADCASTSS halfway<>(SB), Y2

next:
	VMULPS (SI), Y1, Y0
	VADDPS Y2, Y0, Y0
	VCVTTPS2DQ Y0, Y0
	VEXTRACTI128 $1, Y0, X3
	VPACKUSDW X3, X0, X0
	VPACKUSWB X0, X0, X0
	VMOVQ X0, (DI)
	ADDQ $32, SI
	ADDQ $8, DI
	CMPQ SI, CX
	JLT next

	VZEROUPPER
	RET

// func dotsAVX2(query, keys, into *float32, n int)
TEXT ·dotsAVX2(SB), NOSPLIT, $0-32
	MOVQ query+0(FP), AX
	MOVQ keys+8(FP), SI
	MOVQ into+16(FP), DI
	MOVQ n+24(FP), CX
	VMOVUPS (AX), Y0
	VMOVUPS 32(AX), Y1
	VMOVUPS 64(AX), Y2
	VMOVUPS 96(AX), Y3

next:
	VMULPS (SI), Y0, Y4
	VMULPS 32(SI), Y1, Y5
	VMULPS 64(SI), Y2, Y6
	VMULPS 96(SI), Y3, Y7
	VADDPS Y5, Y4, Y4
	VADDPS Y7, Y6, Y6
	VADDPS Y6, Y4, Y4
	VEXTRACTF128 $1, Y4, X5
	VADDPS X5, X4, X4
	VHADDPS X4, X4, X4
	VHADDPS X4, X4, X4
	VMOVSS X4, (DI)
	ADDQ $WIDTH, SI
	ADDQ $4, DI
	DECQ CX
	JNZ next

	VZEROUPPER
	RET

// func mixAVX2(weights, values, into *float32, n int)
TEXT ·mixAVX2(SB), NOSPLIT, $0-32
	MOVQ weights+0(FP), AX
	MOVQ values+8(FP), SI
	MOVQ into+16(FP), DI
	MOVQ n+24(FP), CX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3

next:
	VBROADCASTSS (AX), Y8
	VMULPS (SI), Y8, Y4
	VMULPS 32(SI), Y8, Y5
	VMULPS 64(SI), Y8, Y6
	VMULPS 96(SI), Y8, Y7
	VADDPS Y4, Y0, Y0
	VADDPS Y5, Y1, Y1
	VADDPS Y6, Y2, Y2
	VADDPS Y7, Y3, Y3
	ADDQ $WIDTH, SI
	ADDQ $4, AX
	DECQ CX
	JNZ next

	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	VZEROUPPER
	RET
